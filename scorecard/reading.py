"""From a revenue event to what it says about a subscription, checked by itself."""

from datetime import date
from typing import Any

from scorecard.fact import (
    ARR_NEEDED,
    CHURNED,
    EVENTS,
    EXPANDED,
    GROWTHS,
    NAME_CHARS_MAX,
    NO_PRODUCT,
    RENEWED,
    Fact,
    day_of,
)
from scorecard.issue import Issue, before_first_rate, issue
from scorecard.money import AMOUNT_MAX, MoneyError, minor
from scorecard.rates import Rates
from scoring.days import instant
from scoring.event import Event


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
    grows = _grows(event, what, issues) if said.get("kind") is not None else ""
    if native is not None and not rates.single and (what != RENEWED or effective is not None):
        # a renewal holds from the end of a paid term, which is not known here
        on = date.fromordinal(day_of(event.at) if effective is None else effective)
        if (early := before_first_rate(event, currency, on, rates)) is not None:
            issues.append(early)
    return (
        key,
        Fact(event.at, event.message_id, what, effective, native, currency, product, renews, grows, corrects),
        issues,
    )


def _grows(event: Event, what: int, issues: list[Issue]) -> str:
    """How it grows, as the event says: `cross-sell` is `cross_sell`. Of other events `kind` may mean anything."""
    kind: Any = event.properties["kind"]
    grows = GROWTHS.get(kind.strip().lower().replace("-", "_")) if isinstance(kind, str) else None
    if grows is None and what == EXPANDED:
        issues.append(issue(event, "unknown_kind", "kind", f"must be one of {', '.join(GROWTHS)}"))
    return grows or ""


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
