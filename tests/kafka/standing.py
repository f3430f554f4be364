"""A worker that comes to stand still in one of several ways, or might:
`python -m tests.kafka.standing WAY worker [options]`.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from streams.cli import app
from streams.kafka import transport
from streams.kafka.chunk import Chunk
from streams.kafka.transport import Consumer
from streams.kafka.worker import Worker

FOR_EVER_S = 1e6
LATE_S = 3.0
SOUGHT = "the consumer knows where to read on"


def _block() -> None:
    """The event loop does nothing any more, as in a computation without end."""

    async def take(self: Worker, chunk: Chunk, done: Any) -> None:
        time.sleep(FOR_EVER_S)  # noqa: ASYNC251 - it is what is wrong with it

    Worker.take = take  # type: ignore[method-assign]


def _cut() -> None:
    """Everything lives, and nothing is fetched any more: the flow was never begun again after a rebalance."""

    async def getmany(self: Consumer, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109
        await self.sleep(0.1)
        nothing: list[tuple[Any, Any]] = []
        for one in nothing:
            yield one

    Consumer.getmany = getmany  # type: ignore[method-assign]


def _late() -> None:
    """After a rebalance the flow begins again long after the consumer was sent to where it is to read on, as when the
    event loop has much else to do, and a fetch that had begun before was waiting all the time.
    """
    getmany, perform_seek = Consumer.getmany, Consumer.perform_seek

    def patient(self: Consumer, timeout: float) -> AsyncIterator[tuple[Any, Any]]:
        return getmany(self, LATE_S * 10)

    async def late(self: Consumer) -> None:
        await perform_seek(self)
        print(SOUGHT, flush=True)
        await asyncio.sleep(LATE_S)

    Consumer.getmany = patient  # type: ignore[method-assign]
    Consumer.perform_seek = late  # type: ignore[method-assign]


def _unsaid() -> None:
    """The brokers never say where to read on."""

    async def seek_to_committed(self: Consumer) -> dict[Any, int]:
        await asyncio.sleep(FOR_EVER_S)
        return {}

    transport.SEEK_S_MAX = LATE_S
    Consumer.seek_to_committed = seek_to_committed


def _not() -> None:
    """It stands still in no way."""


WAYS = {"block": _block, "cut": _cut, "late": _late, "unsaid": _unsaid, "no": _not}

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)]()
    app()
