"""What was wrong with an event, so that somebody can mend it: itemised, and nothing guessed."""

from typing import NamedTuple

from scoring.event import Event

VALUE_CHARS_MAX = 80
"""An issue shows at most this much of the offending value."""

REASONS = {
    # wrong whatever else is known: the event does not count
    "negative_price": "a recurring price below zero; not counted",
    "not_an_amount": "not a finite number within the limit, or missing where it is the event's point; not counted",
    "unknown_currency": "no rate is configured for it, or several are and none is named; not counted",
    "wrong_type": "an id or a name that is not a short text; not counted",
    "bad_date": "no ISO 8601 date; with `effective_at` the event is not counted, of `renews_at` only the date",
    "too_many": "beyond a limit of the book; not counted",
    "too_late": "older than what the book still keeps apart; not counted",
    # wrong beside the other events of the subscription; a late event may settle it
    "churn_before_start": "ends a subscription that had not started by then; nothing to end",
    "double_churn": "ends a subscription that had ended already; nothing to end",
    "after_end": "changes a subscription that had ended; not counted",
    "not_started": "changes a subscription whose start never came; counted as what it says, as if it started here",
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
