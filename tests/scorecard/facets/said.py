"""Events of one account as a table is read: by day, name and what they say."""

from datetime import date
from typing import Any

from scorecard.facets.facets import Agreed, Facets
from scorecard.settings.facets import FacetSettings
from scoring.days import DAY, instant
from scoring.event import Event

STREAMS = {
    "group": "accounts", "review_posted": "advocacy", "touchpoint": "advocacy", "value_milestone": "usage",
    "activation_step": "usage", "subscription_started": "revenue", "account_created": "usage",
}  # fmt: skip
"""The stream of events by name; references and referrals are advocacy, all others of these tests cs."""


def said(
    day: str, name: str, user: str | None = None, *, account: str = "acme", hour: float = 9, **properties: Any
) -> Event:
    """One event: at an hour of a day."""
    at = instant(day)
    assert at is not None
    at += hour * DAY / 24
    stream = "advocacy" if name.startswith("refer") else STREAMS.get(name, "cs")
    message = f"{account}/{day}/{hour}/{name}/{user}/{sorted(properties.items())}"
    return Event(account, stream, name, at, at + 60, message, user, properties)


def used(
    day: str, user: str | None, feature: str, *, role: str | None = None, hour: float = 9, account: str = "acme"
) -> Event:
    """One use of a feature."""
    at = instant(day)
    assert at is not None
    at += hour * DAY / 24
    properties = {"feature": feature} if role is None else {"feature": feature, "role": role}
    return Event(
        account, "usage", "feature_used", at, at + 1, f"{account}/{day}/{hour}/{user}/{feature}", user, properties
    )


def cents(event: Event) -> int | None:
    """Amounts in the reporting currency, in these tests."""
    amount = event.properties.get("amount")
    return round(amount * 100) if isinstance(amount, int | float) else None


def agreed(**settings: Any) -> Agreed:
    """What the tests' scorecard.yaml says: what is shipped, and the keys given."""
    return Agreed(FacetSettings.model_validate(settings), cents)


def facets(*events: Event, **settings: Any) -> Facets:
    """The facets of an account after its events."""
    found = Facets(agreed(**settings))
    for event in events:
        found.take(event)
    return found


def day(text: str) -> date:
    """A day."""
    return date.fromisoformat(text)


def told(*values: object) -> tuple[object, ...]:
    """Some values of a figure, to compare them together with what they should be."""
    return values
