"""Ends a worker that stands still while its work piles up: whoever runs it starts it again, and others take over."""

import threading
from collections.abc import Callable, Hashable

CHECK_S = 5.0

CHECKS_MIN = 4
"""In the time for which one is patient."""


class Watchdog:
    """Compares what was done with what has come, from time to time; a table of nothing but the last comparison."""

    def __init__(self, patience_s: float) -> None:
        """patience_s: how long what came may wait while nothing becomes durable."""
        self._patience_s = patience_s
        self._done: Hashable = None
        self._came: int | None = None
        self._since: float | None = None  # when something was first seen to have come, with nothing done after it

    def stands_still(self, done: Hashable, came: int | None, now: float) -> bool:
        """Whether nothing has moved for too long. done: is another one after whatever is done; came: grows with each
        message that comes, None when the brokers don't say, which is no fault of ours; now: seconds on a clock that
        only runs forward.

        Quiet is no standstill, however long, and what comes after it has its time:

        >>> watchdog = Watchdog(60.0)
        >>> [watchdog.stands_still(7, came, now) for came, now in ((10, 0.0), (10, 900.0), (20, 905.0), (30, 965.0))]
        [False, False, False, True]
        """
        if done != self._done or self._came is None or came is None or came <= self._came:
            self._done, self._came, self._since = done, came, None
            return False
        if self._since is None:
            self._since = now
        return now - self._since >= self._patience_s

    def start(self, done: Callable[[], Hashable], came: Callable[[], int | None], clock: Callable[[], float],
              bite: Callable[[str], None]) -> None:  # fmt: skip
        """Watch in a thread of its own, since the event loop may be what stands still: none of what is asked here may
        need it. `bite` is told why.
        """

        def watch() -> None:
            pause = threading.Event()
            while not pause.wait(min(CHECK_S, self._patience_s / CHECKS_MIN)):
                if self.stands_still(done(), came(), clock()):
                    bite(f"messages have come, and nothing became durable for {self._patience_s:.0f} s")

        threading.Thread(target=watch, name="watchdog", daemon=True).start()
