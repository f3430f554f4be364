"""When a message happened and when it arrived, told from four timestamps of which any may be missing or wrong.

Segment's meaning of them: https://segment.com/docs/connections/spec/common/#timestamps.
"""

from typing import Any, NamedTuple, TypedDict

from pydantic import TypeAdapter, ValidationError

from streams.message import Instant
from streams.refusal import Refused, bad_date

FUTURE_TOLERANCE_S = 86_400.0
"""How far ahead of its arrival a message may be dated; it then counts as of its arrival. Half a day is a local time
without its zone, and a score works by days. More is a broken clock, or a date that was planned and has not come."""

SKEW_TOLERANCE_S = 60.0
"""A client's clock further off than this is corrected. Less is what the network needs, and correcting it would only add
noise to good clocks."""

EARLIEST = 946_684_800.0
"""2000-01-01T00:00:00Z; see the dates' pattern in streams/message.py."""

_INSTANT = TypeAdapter(Instant)


class Clock(NamedTuple):
    """What is known of the time while messages are read; unix seconds."""

    now: float | None = None
    """When the messages reached us, where the caller knows it."""

    wall: float | None = None
    """The true time. In a replay `now` is long past, and yet nothing can have arrived after this."""

    live: bool = False
    """The messages come straight from clients: they arrived `now`, whatever they say, and `sentAt` shows how far the
    client's clock is off."""

    @property
    def latest(self) -> float:
        """Up to here a `receivedAt` needs no second look; a client's is never believed."""
        if self.live:
            return float("-inf")
        return float("inf") if self.wall is None else self.wall + FUTURE_TOLERANCE_S


class Dated(TypedDict, total=False):
    """The dates of a message."""

    timestamp: float | None
    receivedAt: float | None
    sentAt: Any
    originalTimestamp: Any


def date(message: Dated, clock: Clock) -> tuple[float, float]:
    """When the message happened and when it arrived, in this order of time; Refused when that cannot be."""
    at = message.get("timestamp")
    if clock.live:
        if clock.now is None:
            raise ValueError("live messages arrive at a known time: `now` is missing")
        arrived: float | None = clock.now
        at = _corrected(message, at, clock.now)
    else:
        arrived = message.get("receivedAt")
        if arrived is None:
            arrived = at if clock.now is None else clock.now
    if arrived is None:
        raise Refused("missing_field", "timestamp", "neither `timestamp` nor `receivedAt` says when it was")
    if clock.wall is not None and arrived > clock.wall + FUTURE_TOLERANCE_S:
        field = "timestamp" if message.get("receivedAt") is None else "receivedAt"
        raise _future(field, arrived - clock.wall, "the present")
    if at is None:
        return arrived, arrived
    if at > arrived + FUTURE_TOLERANCE_S:
        raise _future("timestamp", at - arrived, "its arrival")
    if at < EARLIEST:
        raise Refused("bad_date", "timestamp", "before the year 2000, once the client's clock is corrected by `sentAt`")
    return min(at, arrived), arrived


def _corrected(message: Dated, at: float | None, now: float) -> float | None:
    """Segment's correction, `receivedAt - (sentAt - originalTimestamp)`, where the client's clock is off."""
    original = _instant(message, "originalTimestamp")
    if original is None:
        original = at
    sent = _instant(message, "sentAt")
    if original is None or sent is None or abs(now - sent) <= SKEW_TOLERANCE_S:
        return at
    return now - (sent - original)


def _instant(message: Dated, field: str) -> float | None:
    value = message.get(field)
    if value is None:
        return None
    try:
        return _INSTANT.validate_python(value)
    except ValidationError:
        raise bad_date(field, value) from None


def _future(field: str, ahead_s: float, of: str) -> Refused:
    ahead = f"{ahead_s / 86_400:.1f} days"
    return Refused("future", field, f"{ahead} ahead of {of}, at most {FUTURE_TOLERANCE_S / 3_600:.0f} hours")
