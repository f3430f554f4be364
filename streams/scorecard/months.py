"""Notes in the read model with which scores months began, out of what a service has published."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from scorecard.model.prior import Prior
from streams.scorecard.published import Published

MONTHS_MAX = 24
"""So far back a new read model is told of months: services keep scores for 800 days, some more than these."""

PORTION = 2_000
"""Accounts noted together: some hundredths of a second, after which events go first."""

LOOK_S = 5.0
"""How often it is looked whether a month has begun."""


class Months:
    """Does a portion whenever it is called, the newest month first. One that a death cut short is begun anew, which
    changes nothing of what is noted already.
    """

    def __init__(self, prior: Prior, published: Published, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds that only grow."""
        self._prior, self._published, self._clock = prior, published, clock
        self._look_at = 0.0
        self._missing: list[date] = []
        self._after = ""

    def __call__(self) -> int:
        """How many months are left."""
        if not self._missing:
            self._look()
        if self._missing:
            self._portion(self._missing[0])
        return len(self._missing)

    def _look(self) -> None:
        now = self._clock()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        known = self._prior.days()
        self._missing = [day for day in months(self._published.until()) if day not in known]

    def _portion(self, day: date) -> None:
        found = self._published.at(_instant(day), self._after, PORTION)
        if found is None:  # looked for again later
            self._missing, self._after = [], ""
        elif found.last is not None:
            self._prior.note(day, found.points)
            self._after = found.last
        else:
            self._prior.finish(day)
            self._missing, self._after = self._missing[1:], ""


def months(until: float) -> list[date]:
    """The first days of the last MONTHS_MAX months that began (UTC) before an instant, unix seconds; the newest first.

    >>> months(datetime(2026, 3, 1, tzinfo=UTC).timestamp())[:2]
    [datetime.date(2026, 2, 1), datetime.date(2026, 1, 1)]
    """
    if until <= 0.0:
        return []
    found: list[date] = []
    day = datetime.fromtimestamp(until, UTC).date() + timedelta(days=1)
    while len(found) < MONTHS_MAX:
        day = (day - timedelta(days=1)).replace(day=1)
        if _instant(day) < until:
            found.append(day)
    return found


def _instant(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
