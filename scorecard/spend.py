"""What was spent to win revenue, and what was hoped for: for the figures of efficiency (E2, E3)."""

from datetime import date
from typing import NamedTuple

from scorecard.fact import NAME_CHARS_MAX, day_of
from scorecard.issue import Issue, before_first_rate, issue
from scorecard.money import MoneyError, minor
from scorecard.rates import Rates
from scoring.event import Event

NO_MOTION = "(none)"

OPPORTUNITY_EVENTS = {"opportunity_opened": "opened", "opportunity_won": "won", "opportunity_lost": "lost"}
"""Names of events, and the word that a Dealing has for them."""

REFERRAL_EVENTS = frozenset({"referral_pipeline_opened", "referral_won", "referral_lost"})
"""Whose amounts are those of referred opportunities (H6)."""

SPENDS_MAX = 4_096
"""Kept one by one of one account, the newest. Of older ones the sums by motion and month are kept."""

DEALINGS_MAX = 4_096
"""Kept of one account, the newest; how many more there were is counted."""


class Spend(NamedTuple):
    """Money spent on sales and marketing."""

    account_id: str
    """Whose event it was: usually an account of one's own that stands for the company."""
    motion: str
    """What for: "clg", ..., or NO_MOTION."""
    on: date
    cents: int
    """Minor units of the reporting currency at the rate of the day."""
    message_id: str


class Dealing(NamedTuple):
    """Something that was said about an opportunity."""

    account_id: str
    opportunity_id: str
    state: str
    """opened, won or lost."""
    at: float
    cents: int | None
    """Minor units of the reporting currency at the rate of the day; None: not said."""
    clg: str
    """"sourced" or "influenced" by customer-led growth where the event says so, else empty."""
    message_id: str


def folded(spends: list[Spend]) -> list[Spend]:
    """The newer half as it is, and of the older half one for each motion and month, dated by its first day.

    >>> first, second = (Spend("us", "clg", date(2026, 1, day), 100, f"m-{day}") for day in (5, 6))
    >>> newer = [Spend("us", "clg", date(2026, 2, 1), 100, "m-7")] * 2
    >>> folded([second, *newer, first])[0]
    Spend(account_id='us', motion='clg', on=datetime.date(2026, 1, 1), cents=200, message_id='')
    """
    ordered = sorted(spends, key=lambda one: one.on)
    half = len(ordered) // 2
    months: dict[tuple[date, str], int] = {}
    for one in ordered[:half]:
        key = one.on.replace(day=1), one.motion
        months[key] = months.get(key, 0) + one.cents
    account_id = spends[0].account_id
    return [*(Spend(account_id, motion, on, cents, "") for (on, motion), cents in months.items()), *ordered[half:]]


def read_spend(event: Event, rates: Rates) -> tuple[Spend | None, list[Issue]]:
    """The spend that the event tells of, or what is wrong with it."""
    amount, issues = read_amount(event, rates, needed=True)
    if amount is None:
        return None, issues
    motion = event.properties.get("motion")
    if motion is not None and not _is_name(motion):
        return None, [issue(event, "wrong_type", "motion", f"must be a text of 1 to {NAME_CHARS_MAX} characters")]
    return Spend(
        event.account_id, motion or NO_MOTION, date.fromordinal(day_of(event.at)), amount, event.message_id
    ), issues


def read_dealing(event: Event, rates: Rates) -> tuple[Dealing | None, list[Issue]]:
    """What the event says about an opportunity, or what is wrong with it."""
    said = event.properties
    key = said.get("opportunity_id")
    if not _is_name(key):
        return None, [
            issue(event, "wrong_type", "opportunity_id", f"must be a text of 1 to {NAME_CHARS_MAX} characters")
        ]
    amount, issues = read_amount(event, rates, needed=False)
    if issues and amount is None:
        return None, issues
    clg = "sourced" if said.get("clg_sourced") is True else "influenced" if said.get("clg_influenced") is True else ""
    state = OPPORTUNITY_EVENTS[event.name]
    return Dealing(event.account_id, str(key), state, event.at, amount, clg, event.message_id), issues


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= NAME_CHARS_MAX


def read_amount(event: Event, rates: Rates, *, needed: bool) -> tuple[int | None, list[Issue]]:
    """The event's amount, minor units of the reporting currency at the rate of its day, and what is wrong with it; None
    where it has none that counts.
    """
    said = event.properties.get("amount")
    if said is None and not needed:
        return None, []
    currency = event.properties.get("currency")
    if currency is None and rates.single:
        currency = rates.reporting
    currency = currency.strip().upper() if isinstance(currency, str) else ""
    if not rates.knows(currency):
        known = ", ".join(rates.currencies)
        return None, [issue(event, "unknown_currency", "currency", f"must be one of {known}")]
    try:
        native = minor(said, currency)
    except MoneyError as error:
        return None, [issue(event, "not_an_amount", "amount", str(error))]
    if native < 0:
        return None, [issue(event, "negative_price", "amount", "must not be below zero")]
    on = date.fromordinal(day_of(event.at))
    early = before_first_rate(event, currency, on, rates)
    return rates.convert(native, currency, on), [] if early is None else [early]
