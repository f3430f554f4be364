"""How a metric is spread over the accounts of a segment, so that an account can be held against its peers."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

PEERS_MIN = 10
"""Accounts without which a segment says nothing about one of them."""

PEERS_MAX = 1_000
"""Values kept per segment and metric: evenly spaced quantiles of a larger segment lose less than 0.1 % of rank."""


class Reference:
    """Sorted values by (segment, metric), as of the moment when it was built."""

    def __init__(self, rows: Iterable[tuple[str, str, float]] = ()) -> None:
        """`rows`: (segment, metric, value) of every account."""
        spread: dict[tuple[str, str], list[float]] = defaultdict(list)
        for segment, metric, value in rows:
            spread[segment, metric].append(value)
        self._spread = {key: _thinned(sorted(values)) for key, values in spread.items() if len(values) >= PEERS_MIN}

    def rank(self, segment: str, metric: str, value: float) -> float | None:
        """Share of the segment's accounts below the value, ties counted half; None with fewer than PEERS_MIN accounts.

        >>> Reference([("smb", "active_users", float(n)) for n in range(10)]).rank("smb", "active_users", 4.0)
        0.45
        """
        values = self._spread.get((segment, metric))
        if values is None:
            return None
        return (bisect_left(values, value) + bisect_right(values, value)) / (2 * len(values))


def _thinned(values: list[float]) -> list[float]:
    n = len(values)
    return values if n <= PEERS_MAX else [values[(2 * i + 1) * n // (2 * PEERS_MAX)] for i in range(PEERS_MAX)]
