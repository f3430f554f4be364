"""What a revenue event says about one subscription, read and checked by itself."""

from typing import Any, NamedTuple

from scorecard.issue import Issue, issue
from scorecard.money import AMOUNT_MAX, MoneyError, minor
from scorecard.movement import Kind
from scorecard.rates import Rates
from scoring.days import DAY, instant
from scoring.event import Event

EPOCH = 719_163
"""The ordinal of 1970-01-01: days are whole days as `date.toordinal` counts them."""

NAME_CHARS_MAX = 256
"""Of ids and names of products: the wire's own limit for ids."""

NO_PRODUCT = "(none)"
"""The product of a subscription of which none was ever said."""

STARTED, RENEWED, EXPANDED, CONTRACTED, CHURNED, REACTIVATED = range(6)
EVENTS = {
    "subscription_started": STARTED, "subscription_renewed": RENEWED, "subscription_expanded": EXPANDED,
    "subscription_contracted": CONTRACTED, "subscription_churned": CHURNED, "subscription_reactivated": REACTIVATED,
}  # fmt: skip
"""Names of the events that move recurring revenue."""

ARR_NEEDED = frozenset({STARTED, EXPANDED, CONTRACTED, REACTIVATED})
"""What says nothing without an amount. A renewal without one is at the price as before."""


GROWTHS = frozenset({Kind.USAGE.value, Kind.CROSS_SELL.value})
"""What `kind` may say of growth, beside "upsell", which it is without a word."""


class Fact(NamedTuple):
    """One event of a subscription. Facts are ordered by the time at which they were said."""

    at: float
    message_id: str
    event: int
    effective: int | None
    """Day from which it holds, where the event says so."""
    native: int | None
    """Recurring revenue of the subscription afterwards, minor units of `currency`; None: as before, or none (churn)."""
    currency: str
    product: str
    """Empty: not said."""
    renews: int | None
    """The first day that is not paid for."""
    grows: str
    """How, where the event says so: "usage", "cross_sell", or empty."""
    corrects: str
    """Message id of the fact whose place this one takes, or empty."""


def day_of(at: float) -> int:
    """The day of an instant, as `date.toordinal` counts.

    >>> from datetime import date
    >>> date.fromordinal(day_of(86_400.0))
    datetime.date(1970, 1, 2)
    """
    return int(at // DAY) + EPOCH


def read(event: Event, rates: Rates) -> tuple[str, Fact | None, list[Issue]]:
    """The subscription's id, what is said about it (None: the event does not count), and what is wrong.

    An event without `subscription_id` is of the one subscription of its product: "product:" and the product's name.
    """
    said, issues = event.properties, list[Issue]()
    what = EVENTS[event.name]
    product = _name(event, "product", issues)
    subscription = _name(event, "subscription_id", issues)
    corrects = _name(event, "corrects", issues) if "corrects" in said else ""
    effective = _day(event, "effective_at", issues) if "effective_at" in said else None
    native, currency = None, ""
    if what != CHURNED and (what in ARR_NEEDED or said.get("arr") is not None):
        currency = _currency(event, rates, issues)
        if currency:
            native = _arr(event, currency, issues)
    key = subscription or f"product:{product or NO_PRODUCT}"
    if issues:
        return key, None, issues
    renews = _day(event, "renews_at", issues) if "renews_at" in said else None
    kind = said.get("kind")
    grows = str(kind) if isinstance(kind, str) and kind in GROWTHS else ""
    return (
        key,
        Fact(event.at, event.message_id, what, effective, native, currency, product, renews, grows, corrects),
        issues,
    )


def _name(event: Event, key: str, issues: list[Issue]) -> str:
    value: Any = event.properties.get(key)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= NAME_CHARS_MAX:
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    issues.append(issue(event, "wrong_type", key, f"must be a text of at most {NAME_CHARS_MAX} characters"))
    return ""


def _day(event: Event, key: str, issues: list[Issue]) -> int | None:
    value = event.properties.get(key)
    if value is None:
        return None
    at = instant(value)
    if at is None:
        issues.append(issue(event, "bad_date", key, "must be an ISO 8601 date of 1970 to 2199"))
        return None
    return day_of(at)


def _currency(event: Event, rates: Rates, issues: list[Issue]) -> str:
    value = event.properties.get("currency")
    if value is None and rates.single:
        return rates.reporting
    if isinstance(value, str):
        currency = value.strip().upper()
        if rates.knows(currency):
            return currency
    issues.append(issue(event, "unknown_currency", "currency", f"must be one of {', '.join(rates.currencies)}"))
    return ""


def _arr(event: Event, currency: str, issues: list[Issue]) -> int | None:
    try:
        native = minor(event.properties.get("arr"), currency)
    except MoneyError as error:
        issues.append(issue(event, "not_an_amount", "arr", str(error)))
        return None
    if native < 0:
        issues.append(issue(event, "negative_price", "arr", f"must be 0 to {AMOUNT_MAX}"))
        return None
    return native
