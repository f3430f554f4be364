"""What an account pays, and what it is: subscriptions with their renewals, expansions and ends, traits, people."""

from random import Random
from typing import Any

from streams.simulate.account import SEATS_MORE, AccountPlan
from streams.simulate.diary import BACKFILL_DAYS, Diary

TERM_DAYS = 365
UPLIFT = (1.0, 1.07)
"""Price at a renewal over the one before."""
CONTRACTION = (0.5, 0.75)
SECOND_PRODUCT_SHARE = 0.08
REFRESH_DAYS = 90
"""The CRM sends an account's traits again so often; not the seats, which it sends when they change."""


def write(plan: AccountPlan, diary: Diary, rng: Random, days: int) -> None:
    """Note traits, people and subscription movements."""
    _describe(plan, diary, days)
    _introduce(plan, diary, days)
    _subscribe(plan, diary, rng, days)
    if plan.expands < days:
        _expand(plan, diary)


def _describe(plan: AccountPlan, diary: Diary, days: int) -> None:
    since = max(0, plan.start)
    traits: dict[str, Any] = {
        "name": plan.name, "segment": plan.segment, "industry": plan.industry, "region": plan.region,
        "plan": plan.kind.plan, "motion": plan.motion, "owner": plan.owner, "start_date": diary.date(plan.start),
        "products": ["core"],
    }  # fmt: skip
    if plan.parent is not None:
        traits["parent"] = plan.parent
    diary.describe(since, {**traits, "seats": plan.seats})
    for day in range(since + REFRESH_DAYS, min(days, plan.gone), REFRESH_DAYS):
        diary.describe(day, traits)


def _introduce(plan: AccountPlan, diary: Diary, days: int) -> None:
    since = max(0, plan.start)
    for person in plan.people:
        day = max(since, person.joins)
        if day >= min(days, plan.gone) or person.leaves <= day:
            continue
        diary.introduce(day, person, {"role": person.role, "email": f"{person.id}@{plan.id}.example"})
        if day > since:
            diary.note(day, "Account Added User", person, ours=True, role=person.role)
        if person.leaves < min(days, plan.gone):
            diary.note(person.leaves + 1, "Account Removed User", person, ours=True)


def _subscribe(plan: AccountPlan, diary: Diary, rng: Random, days: int) -> None:
    """The movements of the main subscription from the last one before the history on; a few buy a second product."""
    main: dict[str, Any] = {"subscription_id": f"sub-{plan.number:04d}-1", "product": "core", "currency": plan.currency}
    arr, ended = float(plan.arr), False
    if plan.start > -BACKFILL_DAYS:
        said = {**main, "arr": round(arr), "renews_at": diary.date(plan.start + TERM_DAYS)}
        diary.note(plan.start, "Subscription Started", ours=True, **said)
    first = plan.anniversary - TERM_DAYS * ((plan.anniversary + BACKFILL_DAYS) // TERM_DAYS)
    for day in range(first, days, TERM_DAYS):
        if day <= plan.start or ended:
            continue
        outcome = plan.renewal if day > plan.troubled else "renewed"
        if outcome == "churned":
            diary.note(day, "Subscription Churned", ours=True, **main, arr=0, reason="not renewed")
            ended = True
            continue
        if outcome == "contracted":
            arr *= rng.uniform(*CONTRACTION)
            diary.note(day, "Subscription Contracted", ours=True, **main, arr=round(arr))
        else:
            arr *= rng.uniform(*UPLIFT)
        grown = arr * (SEATS_MORE if day > plan.expands else 1.0)
        signed = day if outcome == "contracted" else max(day - rng.randint(3, 25), plan.start + 1)
        renewed = {**main, "arr": round(grown), "renews_at": diary.date(day + TERM_DAYS)}
        diary.note(signed, "Subscription Renewed", ours=True, **renewed)
    if rng.random() < SECOND_PRODUCT_SHARE:
        day = max(0, plan.start) + rng.randint(60, 300)
        if day < min(plan.gone, plan.troubled):
            second = {**main, "subscription_id": f"sub-{plan.number:04d}-2", "product": "planning"}
            renews_at = diary.date(day + TERM_DAYS)
            diary.note(day, "Subscription Started", ours=True, **second, arr=round(arr * 0.3), renews_at=renews_at)


def _expand(plan: AccountPlan, diary: Diary) -> None:
    """More seats, through an opportunity."""
    seats, day = round(plan.seats * SEATS_MORE), plan.expands
    more: dict[str, Any] = {"opportunity_id": f"opp-{plan.number:04d}", "currency": plan.currency}
    more["amount"] = (seats - plan.seats) * plan.seat_price
    diary.note(day - 15, "Opportunity Opened", ours=True, **more, kind="upsell", clg_influenced=plan.motion == "clg")
    diary.note(day, "Opportunity Won", ours=True, **more)
    bought: dict[str, Any] = {"subscription_id": f"sub-{plan.number:04d}-1", "product": "core"}
    arr = seats * plan.seat_price
    diary.note(day, "Subscription Expanded", ours=True, kind="upsell", **bought, arr=arr, currency=plan.currency)
    diary.describe(day, {"seats": seats})
