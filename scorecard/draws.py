"""What was drawn, by what it was drawn of."""

import threading
from collections.abc import Callable

from scorecard.bootstrap import Floats

BYTES_MAX = 64 * 2**20
"""Kept: of a study of 100,000 accounts with its placebo and three programmes some 15 MB."""


class Draws:
    """Sums over resamples, the latest used. The same accounts are drawn in the same way whatever else there is: so what
    was drawn of them need not be drawn again, and nothing hangs on whether it is. Safe to share between threads.
    """

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._guard = threading.Lock()
        self._kept: dict[bytes, Floats] = {}
        self._bytes = 0

    def get(self, key: bytes, draw: Callable[[], Floats]) -> Floats:
        """What was drawn under the key, or is now; for reading."""
        with self._guard:
            found = self._kept.pop(key, None)
            if found is not None:
                self._kept[key] = found  # the latest used goes last
                return found
        drawn = draw()
        with self._guard:
            if key not in self._kept:
                self._kept[key] = drawn
                self._bytes += drawn.nbytes
            while self._bytes > self._bytes_max:
                self._bytes -= self._kept.pop(next(iter(self._kept))).nbytes
        return drawn
