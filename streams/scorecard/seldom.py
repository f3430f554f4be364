"""When that is done which takes all accounts, or all that is kept."""

import time
from collections.abc import Callable

REFRESH_S = 30.0
"""How late it may be done when something came: adding up the scores of 100,000 accounts takes a second or two."""

REFRESH_TIMES = 20
"""For so many times as long as it took nothing is done again, at most: of a small business it follows at once, and of a
large one it takes a twentieth of a core.
"""


class Seldom:
    """Does something when its time has come."""

    def __init__(
        self, does: Callable[[], object], reached: Callable[[], object], clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        """reached: equal as long as nothing came; clock: seconds that only grow."""
        self._does = does
        self._reached = reached
        self._clock = clock
        self._done: object = None
        self._soonest = self._latest = 0.0

    def __call__(self) -> None:
        """Do it, if it is time."""
        now = self._clock()
        if now < self._soonest:
            return
        reached = self._reached()
        if now >= self._latest or reached != self._done:
            self._does()
            self._done = reached
            ended = self._clock()
            self._soonest = ended + min(REFRESH_S, REFRESH_TIMES * (ended - now))
            self._latest = ended + REFRESH_S
