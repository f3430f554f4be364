"""Rows of the ledger as JSON."""

from typing import Any

from scorecard.issue import REASONS
from scorecard.model.rows import Itemised, Moved
from scorecard.money import major
from scorecard.report.source import Source
from scoring.days import iso

Json = dict[str, Any]


def movement_row(one: Moved, currency: str) -> Json:
    """A movement with its exposure (C1); amounts in major units, of the reporting currency and as paid."""
    movement = one.movement
    return {
        "account_id": movement.account_id,
        "entity": one.entity,
        "product": movement.product,
        "subscription_id": movement.subscription_id,
        "kind": movement.kind.value,
        "account_kind": one.posted.kind.value,
        "on": str(movement.on),
        "amount": float(major(movement.cents, currency)),
        "rates_of": str(one.rates_of),
        "fx": float(major(one.fx, currency)),
        "currency": currency,
        "paid": float(major(movement.native, movement.currency)),
        "paid_currency": movement.currency,
        "message_id": movement.message_id,
        "known_at": iso(one.known_at),
        "exposed": bool(one.touchpoints),
        "programmes": sorted({touch.programme for touch in one.touchpoints}),
        "contacts": sorted({touch.contact for touch in one.touchpoints if touch.contact}),
    }


def issue_counts(source: Source) -> list[Json]:
    """How many events could not be counted as they are, for each reason, and what is done about it."""
    return [
        {"reason": one.reason, "events": one.events, "accounts": one.accounts, "says": REASONS[one.reason]}
        for one in source.issues()
    ]


def issue_row(one: Itemised) -> Json:
    """What was wrong with an event."""
    settled = None if one.settled_at is None else iso(one.settled_at)
    return {**one._asdict(), "known_at": iso(one.known_at), "settled_at": settled}
