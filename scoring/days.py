"""UTC days and instants as numbers: a day is whole days since 1970-01-01, an instant is unix seconds."""

from datetime import UTC, datetime

INSTANT_MAX = 7_258_118_400.0
"""2200-01-01: a date of business lies before it; 9999-12-31, many systems' "never", can't be computed with."""

DAY = 86_400.0
"""Seconds in a UTC day; leap seconds do not exist in unix time."""

CROSSED_S = 0.001
"""How far beyond a computed crossing we look: more than floats round at today's unix time, less than anyone notices."""


def day_of(at: float) -> int:
    """The UTC day (days since 1970-01-01) that the instant `at` (unix seconds) lies in.

    >>> day_of(86_400.0)
    1
    """
    return int(at // DAY)


def iso(at: float) -> str:
    """The instant as RFC 3339 with `Z`; microseconds only when there are any.

    >>> iso(1_700_000_000.0)
    '2023-11-14T22:13:20Z'
    """
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def instant(value: object) -> float | None:
    """Unix seconds of an ISO 8601 date or date-time (no zone means UTC), or None where it is none of 1970 to 2199.

    >>> instant("2023-11-14T22:13:20Z")
    1700000000.0
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return at if 0.0 <= at <= INSTANT_MAX else None
