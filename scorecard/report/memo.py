"""What takes all accounts, and so is not made anew for everybody who asks."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_MAX = 64
"""Results: some quarters of each kind."""

FRESH_S = 60.0
"""For so long at most a result is given again though events have come since that it hangs on, unless what it is of is
over."""

FRESH_TIMES = 20
"""For so many times as long as it took to make, at most: of a small business everything is as new as its events, and of
a large one those who ask keep a twentieth of a core busy."""

Made = TypeVar("Made")
Version = TypeVar("Version", bound=Hashable)


class Memo:
    """Results by what they are of, with what they were made from, and when. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds that only grow."""
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: dict[Hashable, tuple[Hashable, float, object]] = {}
        """The version, until when it is fresh whatever comes, and the result."""

    def get(
        self, of: Hashable, version: Version, make: Callable[[], Made],
        stands: Callable[[Version], bool] = lambda version: False, fresh_s: float = FRESH_S,
        renew: Callable[[Version, Made], Made] | None = None,
    ) -> Made:  # fmt: skip
        """What `make` gives, or gave: from the same version, or from one of which `stands` says that nothing has come
        since that it hangs on, or at most `fresh_s` ago, and FRESH_TIMES as long ago as it took.

        renew: makes it of what was made before, from an earlier version; since that takes little, it is always new.
        """
        now = self._clock()
        with self._guard:
            kept = self._kept.get(of)
        if kept is not None:
            before, until, made = kept
            if before == version or stands(cast("Version", before)):
                self._keep(of, version, until, made)
                return cast("Made", made)
            if fresh_s > 0.0 and now < until:  # of a period that is over by now everything is new
                return cast("Made", made)
        if kept is not None and renew is not None:
            new = renew(cast("Version", kept[0]), cast("Made", kept[2]))
        else:
            new = make()
        fresh = min(fresh_s, FRESH_TIMES * (self._clock() - now)) if renew is None else 0.0
        self._keep(of, version, now + fresh, new)
        return new

    def _keep(self, of: Hashable, version: Hashable, until: float, made: object) -> None:
        """The newest of all, which goes last."""
        with self._guard:
            self._kept.pop(of, None)
            self._kept[of] = version, until, made
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
