"""Of a period that has not begun nothing is known: what a formula would say of it is that everybody stays."""

from datetime import date

from scorecard.period import Period

NOTHING = date(1970, 1, 1)
"""The newest day that is known of before the first event."""


def unbegun(period: Period, known_to: date) -> str | None:
    """Why a period has no figures where events are known up to a day; None where it has.

    >>> unbegun(Period.parse("2027-Q3"), date(2026, 11, 29))
    'the period has not begun: events are known to 2026-11-29'
    >>> unbegun(Period.parse("2026-Q4"), date(2026, 11, 29))
    """
    if period.start <= known_to:
        return None
    return (
        "no event is known yet" if known_to == NOTHING else f"the period has not begun: events are known to {known_to}"
    )
