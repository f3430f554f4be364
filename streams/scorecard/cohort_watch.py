"""Looks at the cohorts now and then, on a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable

from scorecard.model.database import DatabaseError
from scorecard.model.model import NotKept
from streams.scorecard.cohorts import Cohorts

WATCH_S = 15.0
"""Figures of whole months change by late events alone, and when a month is over."""

LISTEN_S = 1.0
"""How soon an answer is heard, and how soon a look begins that could not."""

STOP_S_MAX = 2.0
"""How long a look that is under way may take then. What it has kept and not put out, as while brokers are away, goes
out at the next start.
"""

logger = logging.getLogger(__name__)


class CohortWatch:
    """Looks every WATCH_S, and when somebody has answered, from `start` to `stop`."""

    def __init__(
        self, cohorts: Cohorts, clock: Callable[[], float], ready: Callable[[], bool],
        failed: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """ready: whether figures and triggers are those of now; from half a history no play may open. failed: told of
        each look that could not be done.
        """
        self._cohorts = cohorts
        self._clock = clock
        self._ready = ready
        self._failed = failed
        self._next = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cohorts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait a while for it."""
        self._stopping.set()
        self._thread.join(STOP_S_MAX)

    def _run(self) -> None:
        pause_s = LISTEN_S
        while not self._stopping.wait(pause_s):
            pause_s = self.turn()

    def turn(self) -> float:
        """Look where it is time to; how long to wait before the next turn, in seconds."""
        try:
            if self._ready() and (time.monotonic() >= self._next or self._cohorts.asked()):
                self._cohorts.look(self._clock())
                self._next = time.monotonic() + WATCH_S
        except (DatabaseError, NotKept) as error:
            self._failed()
            logger.warning("cohorts are looked at later: %s", error)
        except Exception:  # whatever it is: without this thread no play over cohorts would ever open again
            self._failed()
            logger.exception("cohorts could not be looked at; trying again in %.0f s", WATCH_S)
            return WATCH_S
        return LISTEN_S
