"""Ends a worker that stands still while its work piles up: whoever runs it starts it again, and others take over."""

import logging
import threading
from collections.abc import Callable

CHECK_S = 5.0

logger = logging.getLogger(__name__)


class Watchdog:
    """Compares progress with what waits, from time to time; a table of nothing but the last comparison."""

    def __init__(self, patience_s: float) -> None:
        """patience_s: how long nothing may become durable while the lag grows."""
        self._patience_s = patience_s
        self._progress = -1
        self._since = 0.0
        self._lag = 0

    def stands_still(self, progress: int, lag: int, now: float) -> bool:
        """Whether nothing has moved for too long. progress: grows with whatever is done; lag: messages that wait; now:
        seconds on a clock that only runs forward.

        >>> watchdog = Watchdog(60.0)
        >>> [watchdog.stands_still(7, lag, now) for lag, now in ((10, 0.0), (20, 30.0), (10, 61.0), (30, 62.0))]
        [False, False, False, True]
        """
        if progress != self._progress:
            self._progress, self._since, self._lag = progress, now, lag
            return False
        return lag > self._lag and now - self._since >= self._patience_s

    def start(self, progress: Callable[[], int], lag: Callable[[], int], clock: Callable[[], float],
              bite: Callable[[str], None]) -> None:  # fmt: skip
        """Watch in a thread of its own, since the event loop may be what stands still; `bite` is told why."""

        def watch() -> None:
            pause = threading.Event()
            while not pause.wait(CHECK_S):
                waiting = lag()
                if self.stands_still(progress(), waiting, clock()):
                    bite(f"nothing became durable for {self._patience_s:.0f} s, and {waiting} messages wait")

        threading.Thread(target=watch, name="watchdog", daemon=True).start()
