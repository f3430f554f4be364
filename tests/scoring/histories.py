"""Histories written by hand: instants are days since a Thursday, and a metric is read off what was observed."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import count
from typing import Any

from scoring.account import Account
from scoring.days import DAY, iso
from scoring.event import Event
from scoring.profile import Profile, load_profile
from scoring.reference import Reference

THURSDAY = 20_454
"""Day 0 of every history: 2026-01-01, as days since 1970-01-01."""

_DECLARED = "unit: u, owner: CS, review: weekly"
_ids = count()


def instant(day: float) -> float:
    """Unix seconds of a moment in days: 3.5 is noon of day 3."""
    return (THURSDAY + day) * DAY


def date(day: float) -> str:
    """The same as a date-time in ISO 8601."""
    return iso(instant(day))


def event(
    name: str,
    day: float,
    /,
    *,
    stream: str = "usage",
    user: str | None = None,
    arrives: float | None = None,
    message_id: str | None = None,
    **properties: Any,
) -> Event:
    """What happened at `day`, and arrived at once unless `arrives` says when. Every one is a message of its own."""
    arrived = instant(day if arrives is None else arrives)
    return Event("acme", stream, name, instant(day), arrived, message_id or f"m-{next(_ids)}", user, properties)


def traits(day: float, /, **values: Any) -> Event:
    """A group call."""
    return event("group", day, stream="accounts", **values)


def daily(name: str, first: int, last: int, times: int = 1, **properties: Any) -> list[Event]:
    """So many events at noon of each of the days first..last, both included."""
    return [event(name, day + 0.5, **properties) for day in range(first, last + 1) for _ in range(times)]


@lru_cache
def profile(*metrics: tuple[str, str]) -> Profile:
    """A profile that declares the metrics (name, flow YAML without unit, owner and review) and scores by the first."""
    declared = "".join(f"  {name}: {{{text}, {_DECLARED}}}\n" for name, text in metrics)
    return load_profile(
        f"name: by_hand\nversion: '1'\nmetrics:\n{declared}"
        f"dimensions:\n  all: {{weight: 1, metrics: {{{metrics[0][0]}: {{weight: 1, zero_at: 0, full_at: 100}}}}}}\n"
        "bands: {good: 50, bad: 0}\n",
        file="by_hand.yaml",
    )


def observed(by: Profile, events: Iterable[Event]) -> Account:
    """The record of an account after these events, in this order."""
    account = Account("acme", by.layout)
    for happened in events:
        account.observe([happened], by.layout)
    return account


def read(
    metric: str, events: Iterable[Event], day: float, *, reference: Reference | None = None, **others: str
) -> float | None:
    """The value of a metric at a moment, None while it is missing. `others` are the metrics that it needs, by name."""
    by = profile(("metric", metric), *others.items())
    value: float | None = by.reader(observed(by, events), instant(day), reference).get("metrics.metric")
    return value
