"""The command line, stopped where a test wants it: `python -m tests.kafka.stopping WAY NUMBER command [options]`."""

import asyncio
import os
import signal
import sys
from typing import Any

from streams.cli import app
from streams.kafka import switching
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.rebuild import Rebuild
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


WAYS = {"at-partition": _at_partition, "after-parts": _after_parts}

if __name__ == "__main__":
    WAYS[sys.argv.pop(1)](int(sys.argv.pop(1)))
    app()
