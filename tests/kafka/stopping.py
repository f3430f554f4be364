"""The command line, stopped where a test wants it: `python -m tests.kafka.stopping WAY NUMBER command [options]`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from streams.cli import app
from streams.kafka import acceptance, administration, switching
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.rebuild import Rebuild
from streams.kafka.sender import Sender, Sent
from streams.kafka.settings import Settings
from streams.kafka.switching import Switching, Taken


def _at_partition(at: int) -> None:
    """A rebuild stops itself, as by SIGSTOP, when a partition is folded and not written."""
    write = Rebuild._write

    async def stopped(self: Rebuild, number: int, epoch: int, span: list[range], fold: Fold) -> None:
        if number == at:
            sys.stdout.write("{}\n")
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGSTOP)
        await write(self, number, epoch, span, fold)

    Rebuild._write = stopped  # type: ignore[method-assign]


def _after_parts(number: int) -> None:
    """A worker that goes on from a namespace is killed when so many parts of two accounts are written."""
    switching.PART_ACCOUNTS = 2
    call, left = Switching.__call__, [number]

    async def killed(self: Switching, taken: Taken, edition: Edition) -> None:
        async def write(made: Any) -> None:
            await taken.write(made)
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
                await asyncio.sleep(60.0)

        await call(self, taken._replace(write=write), edition)

    Switching.__call__ = killed  # type: ignore[method-assign]


def _after_writes(number: int) -> None:
    """`topics accept` is killed when it has written so many times: messages together, an account at a time, or what the
    group has committed.
    """
    acceptance.PART_ACCOUNTS = 1
    send, rewind, left = Sender.send, administration.rewind, [number]

    def wrote() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def sent(self: Sender, topic: str, partition: int, messages: Sequence[Sent]) -> list[range]:
        found = await send(self, topic, partition, messages)
        wrote()
        return found

    def rewound(settings: Settings, names: Sequence[str], partition: int) -> None:
        rewind(settings, names, partition)
        wrote()

    Sender.send = sent  # type: ignore[method-assign]
    administration.rewind = rewound


WAYS = {"at-partition": _at_partition, "after-parts": _after_parts, "after-writes": _after_writes}

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)](int(sys.argv.pop(1)))
    app()
