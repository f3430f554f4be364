"""What takes all accounts, and so is not made anew for everybody who asks."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_MAX = 64
"""Results: some quarters of each kind."""

FRESH_S = 60.0
"""For so long a result is given again though events have come since: lift and exposure rest on quarters."""

Made = TypeVar("Made")


class Memo:
    """Results by what they are of, with what they were made from, and when. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds that only grow."""
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: dict[Hashable, tuple[float, float, object]] = {}

    def get(self, of: Hashable, newest: float, make: Callable[[], Made]) -> Made:
        """What `make` gives, or gave: while the newest event that it is made from is the same, or FRESH_S long."""
        now = self._clock()
        with self._guard:
            kept = self._kept.get(of)
        if kept is not None and (kept[0] == newest or now - kept[1] < FRESH_S):
            return cast("Made", kept[2])
        made = make()
        with self._guard:
            self._kept.pop(of, None)
            self._kept[of] = newest, now, made
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
        return made
