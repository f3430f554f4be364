"""Events for tests that tell a story: one line each."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from scorecard.model.terms import Terms
from scorecard.rates import Rates
from scoring.event import Event

TERMS = Terms(Rates("EUR"))

_numbers = count(1)


def instant(day: str) -> float:
    """Unix seconds of the start of a day."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def said(
    account: str, stream: str, name: str, day: str, *, arrived: str | None = None, user: str | None = None,
    **properties: Any,
) -> Event:  # fmt: skip
    at = instant(day)
    return Event(
        account, stream, name, at, at if arrived is None else instant(arrived), f"m-{next(_numbers)}", user, properties
    )


def started(account: str, day: str, arr: float, *, arrived: str | None = None, product: str = "core") -> Event:
    return said(
        account, "revenue", "subscription_started", day, arrived=arrived, subscription_id=f"{account}-{product}",
        product=product, arr=arr, currency="EUR",
    )  # fmt: skip


def changed(account: str, day: str, arr: float, *, arrived: str | None = None, product: str = "core") -> Event:
    return said(
        account, "revenue", "subscription_expanded", day, arrived=arrived, subscription_id=f"{account}-{product}",
        product=product, arr=arr, currency="EUR",
    )  # fmt: skip


def ended(account: str, day: str, *, arrived: str | None = None, product: str = "core") -> Event:
    return said(
        account, "revenue", "subscription_churned", day, arrived=arrived, subscription_id=f"{account}-{product}"
    )


def described(account: str, day: str, **traits: Any) -> Event:
    return said(account, "accounts", "group", day, **traits)


def touched(account: str, day: str, programme: str, user: str | None = None) -> Event:
    return said(account, "advocacy", "touchpoint", day, user=user, kind=programme)


def day(text: str) -> date:
    return date.fromisoformat(text)
