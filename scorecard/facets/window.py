"""The days over which facets are counted."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple, Self

from scoring.days import DAY

_EPOCH = date(1970, 1, 1).toordinal()


class Window(NamedTuple):
    """UTC days `[first, past)` since 1970-01-01, of which those before `until` are known of."""

    first: int
    past: int
    until: int
    """The day after the newest one on which anything could have been heard; `past` where the period is over."""

    @classmethod
    def of(cls, start: date, end: date, known_until: date | None = None) -> Self:
        """The days `[start, end)`; what is open at the end of a period that still runs is judged at `known_until`."""
        first, past = start.toordinal() - _EPOCH, end.toordinal() - _EPOCH
        return cls(first, past, past if known_until is None else min(past, known_until.toordinal() - _EPOCH))

    def __contains__(self, at: object) -> bool:
        """Whether the instant `at` (unix seconds) lies in it."""
        return isinstance(at, float) and self.first * DAY <= at < self.past * DAY

    @property
    def closes(self) -> float:
        """The instant at which what is open is looked at, unix seconds."""
        return self.until * DAY


@lru_cache(maxsize=4_096)  # days of eleven years
def calendar(day: int) -> tuple[int, int]:
    """(months since year 0, days into the month) of a day since 1970-01-01.

    >>> calendar(31)
    (23641, 0)
    """
    on = datetime.fromtimestamp(day * DAY, UTC)
    return on.year * 12 + on.month - 1, on.day - 1


def first_of(month: int) -> int:
    """The first day, since 1970-01-01, of a month counted from year 0."""
    return date(month // 12, month % 12 + 1, 1).toordinal() - _EPOCH
