"""One account at one instant, and what a metric's declaration selects of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from scoring.event import Event
from tests.oracle.history import History, between, day

DAY_S = 86_400.0

Rows = Sequence[tuple[str, str, float]]
"""(segment, metric, value) of all accounts, for ranks."""


class Case(NamedTuple):
    """One account at one instant."""

    history: History
    signs: list[float]
    """When signs of life arrived, sorted."""
    at: float
    rows: Rows
    values: Mapping[str, float]
    """The metrics worked out so far."""

    @property
    def today(self) -> date:
        return day(self.at)


def days(seconds: float) -> timedelta:
    """A window's length."""
    return timedelta(seconds=seconds)


def selected(spec: Any, case: Case) -> list[Event]:
    """What the metric is about."""

    def wanted(event: Event) -> bool:
        return all(
            any(same(event.properties.get(name), one) for one in (value if isinstance(value, tuple) else (value,)))
            for name, value in spec.where.items()
        )

    return case.history.select(stream=spec.stream, events=spec.events, where=wanted)


def same(a: object, b: object) -> bool:
    """Equal as JSON values: true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def in_window(events: list[Event], window_s: float, case: Case) -> list[Event]:
    """The events of the last days, today included."""
    return between(events, case.today - days(window_s) + timedelta(days=1), case.today)


def thing(event: Event, of: str) -> str | None:
    """Which user, feature or value of a property an event names."""
    if of == "user":
        return event.user_id
    if of == "feature":
        feature = event.properties.get("feature")
        return feature if isinstance(feature, str) else event.name
    value = event.properties.get(of)
    return value if isinstance(value, str) else None if value is None else str(value)[:256]


def things(events: list[Event], of: str) -> set[str]:
    return {name for event in events if (name := thing(event, of)) is not None}
