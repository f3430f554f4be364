"""Until when something stays as it is."""

from collections.abc import Iterable
from math import inf

Kept = tuple[int, float, float]
"""Until when something stays as it is: bits of what ends it when an event touches them (see scoring/layout.py), seconds
of silence that end it, and the instant (unix seconds) that ends it. A plain tuple: it is read for every play again and
again.
"""


def until_touched(cells: int) -> Kept:
    """Until an event touches one of these."""
    return cells, inf, inf


def until(instant: float) -> Kept:
    """Until an instant, unix seconds."""
    return 0, inf, instant


def together(kept: Iterable[Kept | None]) -> Kept | None:
    """Until the first of these ends; None when one of them has."""
    cells, silence_s, wake = 0, inf, inf
    for one in kept:
        if one is None:
            return None
        cells, silence_s, wake = cells | one[0], min(silence_s, one[1]), min(wake, one[2])
    return cells, silence_s, wake
