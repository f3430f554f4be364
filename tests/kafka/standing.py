"""A worker that comes to stand still in one of several ways: `python -m tests.kafka.standing WAY worker [options]`."""

import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from streams.cli import app
from streams.kafka.chunk import Chunk
from streams.kafka.transport import Consumer
from streams.kafka.worker import Worker

FOR_EVER_S = 1e6


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


def _not() -> None:
    """It stands still in no way."""


WAYS = {"block": _block, "cut": _cut, "no": _not}

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)]()
    app()
