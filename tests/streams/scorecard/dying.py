"""The command line with a watch over cohorts that looks often, and dies at a chosen point, as by kill -9:
`python -m tests.streams.scorecard.dying POINT command [options]`.
"""

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from scorecard.model.episodes import Episodes
from streams.cli import app
from streams.scorecard import cohort_watch, cohorts

POINTS = ("never", "before", "kept", "out", "noted")
"""Of the first look that has something to put out: before it is kept; when it is kept; when it is out; when it is noted
that it is out.
"""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dying(at: str) -> None:
    """Have the program die at a point."""
    write, put_out = Episodes.write, cohorts._Shelf.put_out

    def writing(self: Episodes, text: str, before: str | None, *, durable: bool) -> bool:
        if durable and at == "before":
            _die()
        done = write(self, text, before, durable=durable)
        if durable and at == "kept":
            _die()
        return done

    def putting(self: Any) -> int:
        put = self._put

        def reached(triggers: Sequence[Any], letters: Sequence[Any]) -> bool:
            done: bool = put(triggers, letters)
            if done and at == "out":
                _die()
            return done

        self._put = reached
        count = put_out(self)
        self._put = put
        if count and at == "noted":
            _die()
        return count

    Episodes.write = writing  # type: ignore[method-assign]
    cohorts._Shelf.put_out = putting  # type: ignore[method-assign]


if __name__ == "__main__":
    cohort_watch.WATCH_S, cohort_watch.LISTEN_S = 0.2, 0.05
    cohorts.SETTLE_S = 10.0
    point = sys.argv.pop(1)
    assert point in POINTS
    _dying(point)
    app()
