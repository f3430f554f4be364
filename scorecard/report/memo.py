"""What takes all accounts, and so is not made anew for everybody who asks."""

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

KEPT_MAX = 64
"""Results: some quarters of each kind."""

FRESH_S = 60.0
"""For so long a result is given again though events have come since that it hangs on, unless what it is of is over."""

Made = TypeVar("Made")
Version = TypeVar("Version", bound=Hashable)


class Memo:
    """Results by what they are of, with what they were made from, and when. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """clock: seconds that only grow."""
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: dict[Hashable, tuple[Hashable, float, object]] = {}

    def get(
        self, of: Hashable, version: Version, make: Callable[[], Made],
        stands: Callable[[Version], bool] = lambda version: False, fresh_s: float = FRESH_S,
    ) -> Made:  # fmt: skip
        """What `make` gives, or gave: from the same version, or from one of which `stands` says that nothing has come
        since that it hangs on, or at most `fresh_s` ago.
        """
        now = self._clock()
        with self._guard:
            kept = self._kept.get(of)
        if kept is not None:
            before, at, made = kept
            if before == version or stands(cast("Version", before)):
                self._keep(of, version, at, made)
                return cast("Made", made)
            if now - at < fresh_s:
                return cast("Made", made)
        new = make()
        self._keep(of, version, now, new)
        return new

    def _keep(self, of: Hashable, version: Hashable, at: float, made: object) -> None:
        """The newest of all, which goes last."""
        with self._guard:
            self._kept.pop(of, None)
            self._kept[of] = version, at, made
            if len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
