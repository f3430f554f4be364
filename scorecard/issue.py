"""What was wrong with an event, so that somebody can mend it: itemised, and nothing guessed."""

from datetime import date
from typing import NamedTuple

from scorecard.rates import Rates
from scoring.event import Event

VALUE_CHARS_MAX = 80
"""An issue shows at most this much of the offending value."""

REASONS = {
    # wrong whatever else is known: the event does not count
    "negative_price": "a price or an amount below zero; not counted, of a referral only the amount",
    "not_an_amount": "no finite number within the limit, or none where one is needed; not counted, as a negative one",
    "unknown_currency": "no rate is configured, or several are and none is named; not counted, as a negative one",
    "wrong_type": "an id or a name that is not a short text; not counted",
    "bad_date": "no ISO 8601 date; with `effective_at` the event is not counted, of others only it",
    "too_many": "beyond a limit of the book; not counted",
    "too_late": "older than what the book still keeps apart; not counted",
    # doubtful by itself: the event counts, as it is said here
    "before_first_rate": "of a day before that from which the currency's first rate holds; counted at that rate",
    "unknown_kind": "no kind of expansion; counted without it: as upsell, or cross-sell of a product that it had not",
    # wrong beside the other events of the subscription; a late event may settle it
    "churn_before_start": "ends a subscription that had not started by then; nothing to end",
    "double_churn": "ends a subscription that had ended already; nothing to end",
    "after_end": "changes a subscription that had ended; not counted",
    "not_started": "changes a subscription whose start never came; counted as what it says, as if it started here",
    "against_amounts": "an expansion to a lower amount or a contraction to a higher one; counted by the amounts",
    "overlapping_terms": "starts a subscription that runs, within its term; counted as what it says",
    "backwards_term": "ends a term before it begins, or before the one it follows; the date is not used",
    "double_renewal": "renews for a term that is renewed already; not counted",
    "unknown_correction": "corrects a message that the subscription does not have; counted by itself",
    "lapsed_correction": "corrects a message that had not come when what is older was folded; both count by themselves",
    "unknown_account": "revenue of an account of which no group call told; counted, in the cohorts (none)",
    # not of the book, which never saw the event
    "not_storable": "the scorecard's database can't hold what the event says; not counted",
    "core_error": "the scorecard failed on the event, which is a fault of ours; not counted",
}
"""Every reason, and what is done about it."""

NOT_COUNTED = frozenset(
    {"negative_price", "not_an_amount", "unknown_currency", "wrong_type", "bad_date", "too_many", "too_late",
     "after_end", "double_renewal", "not_storable", "core_error"}
)  # fmt: skip
"""The reasons for which an event is left out of the figures."""


class Issue(NamedTuple):
    """One thing wrong in one event."""

    account_id: str
    message_id: str
    reason: str
    """One of REASONS."""
    field: str
    """Where, such as "properties.arr"."""
    value: str
    """What stands there, as text, cut at VALUE_CHARS_MAX."""
    message: str
    """What is allowed, or what it stands against."""


def issue(event: Event, reason: str, field: str, message: str) -> Issue:
    """Of one property of the event; the field is named with `properties.`."""
    value = event.properties.get(field)
    shown = "" if value is None else str(value)[:VALUE_CHARS_MAX]
    return Issue(event.account_id, event.message_id, reason, f"properties.{field}", shown, message)


def before_first_rate(event: Event, currency: str, on: date, rates: Rates) -> Issue | None:
    """Where an amount of a day is converted at a rate that holds later only."""
    starts = rates.starts(currency)
    if on >= starts:
        return None
    message = f"the first rate of {currency} holds from {starts}; it is used for {on}"
    return Issue(event.account_id, event.message_id, "before_first_rate", "properties.currency", currency, message)
