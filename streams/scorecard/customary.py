"""The periods that everybody asks about: they are kept before anybody has."""

from collections.abc import Iterator
from datetime import UTC, datetime

from scorecard.period import EVER, Period, month_of, quarter_of

MONTHS = 13
"""The running month and the year before it."""

QUARTERS = 5


def customary(newest: float) -> Iterator[Period]:
    """The running month, quarter and year, all days, and what was before them, from the arrival of the newest event
    (unix seconds).

    >>> [period.label for period in customary(1_780_000_000.0)][:3]
    ['2026-05', '2026-Q2', '2026']
    """
    if not newest:
        return
    today = datetime.fromtimestamp(newest, UTC).date()
    running = month_of(today), quarter_of(today), Period.parse(f"{today:%Y}")
    yield from running
    yield EVER
    for first, count in zip(running, (MONTHS, QUARTERS, 2), strict=True):
        for _ in range(count - 1):
            first = first.previous()  # noqa: PLW2901
            yield first
