"""One subscription, from what was said about it: in whatever order that arrived, the same steps come out.

Twice sorted: by the time at which it was said, to know until when the subscription is paid, and so from which day each
thing said holds (a churn at the end of the paid term); then by that day, to know what it costs when. Where nothing is
said about later days, a fact that is newer than the others goes through both at once, in constant time.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from scorecard.fact import CHURNED, CONTRACTED, EXPANDED, NO_PRODUCT, RENEWED, STARTED, Fact, day_of
from scorecard.issue import Issue
from scorecard.money import major
from scorecard.phase import COUNTED, REFUSED, RESUMING, UNBORN, Phase, State

UNCORRECTED = "unknown_correction"
"""Reason of the issue of a correction whose original is not there, or not there yet."""


AGAINST = "against_amounts"
"""Reason of the issue of an expansion to less, or a contraction to more."""


class Step(NamedTuple):
    """A change of what one subscription brings: one part of what an account's movement of the day is made of."""

    day: int
    at: float
    message_id: str
    subscription_id: str
    product: str
    currency: str
    native: int
    """Signed difference, minor units of `currency`."""
    grows: str


class Story(NamedTuple):
    """All that follows from a subscription's facts."""

    steps: Sequence[Step]
    """By day, then by the time at which they were said."""
    issues: list[Issue]
    state: State


def tell(account_id: str, subscription_id: str, facts: Sequence[Fact], base: State = UNBORN) -> Story:
    """From all facts of a subscription, in the order in which they were said, after `base`."""
    issues: list[Issue] = []
    said = corrected(account_id, facts, issues)
    if not base.product:
        base = base._replace(product=next((fact.product for fact in said if fact.product), ""))
    placed, term, renewed = list[tuple[int, Fact, int | None]](), base.term, base.renewed
    for fact in said:
        before = term
        day, term, renewed, reason = place(fact, term, renewed=renewed)
        if reason:
            issues.append(_about(account_id, fact, reason, before))
        if reason != "double_renewal":
            placed.append((day, fact, before))
    state, steps = base, list[Step]()
    for day, fact, before in sorted(_standing(placed), key=_by_day):
        state, made, reason = step(subscription_id, state, day, fact, before)
        steps += made
        if reason:
            issues.append(_about(account_id, fact, reason, before))
    return Story(steps, issues, state._replace(term=term, renewed=renewed))


def further(account_id: str, subscription_id: str, state: State, fact: Fact) -> Story | None:
    """The same for one fact that is newer than all before, in constant time; None where only `tell` can say."""
    if fact.corrects or (fact.product and state.product == NO_PRODUCT):
        return None
    day, term, renewed, misdated = place(fact, state.term, renewed=state.renewed)
    if day < state.day or (day == state.day and fact.event in RESUMING):
        return None
    issues = [_about(account_id, fact, misdated, state.term)] if misdated else []
    if misdated == "double_renewal":
        return Story([], issues, state)
    after, steps, reason = step(subscription_id, state, day, fact, state.term)
    if reason:
        issues.append(_about(account_id, fact, reason, state.term))
    if term != state.term or renewed != state.renewed:
        after = after._replace(term=term, renewed=renewed)
    return Story(steps, issues, after)


def place(fact: Fact, term: int | None, *, renewed: bool) -> tuple[int, int | None, bool, str]:
    """The day from which it holds; then the paid term's end, whether a renewal set it, and the reason of an issue.

    A churn or a renewal holds from the end of the paid term on, when that is later than the event.
    """
    day = day_of(fact.at) if fact.effective is None else fact.effective
    if fact.effective is None and term is not None and fact.event in (CHURNED, RENEWED):
        day = max(day, term)
    if fact.renews is None or fact.event == CHURNED:
        return day, term, renewed, ""
    if fact.event == RENEWED and fact.renews == term and renewed:
        return day, term, renewed, "double_renewal"
    if fact.renews <= (day_of(fact.at) if fact.effective is None else fact.effective) or (
        fact.event == RENEWED and term is not None and fact.renews < term
    ):
        return day, term, renewed, "backwards_term"
    return day, fact.renews, fact.event == RENEWED, ""


def step(
    subscription_id: str, state: State, day: int, fact: Fact, term: int | None
) -> tuple[State, Sequence[Step], str]:
    """The state afterwards, the steps, and the reason of an issue. `term`: until when it was paid before the fact."""
    turn = COUNTED.get((state.phase, fact.event))
    if turn is None:
        return state._replace(day=day, product=state.product or fact.product), (), REFUSED[state.phase, fact.event]
    phase, reason = turn
    if reason == "overlapping_terms" and (day == state.since or (term is not None and day >= term)):
        reason = ""  # the start itself corrected, or the next term
    if not reason and _against(state, fact):
        reason = AGAINST
    product = fact.product or state.product or NO_PRODUCT
    if phase is Phase.ENDED or fact.native is None:
        currency, native = state.currency, state.native
    else:
        currency, native = fact.currency, fact.native
    since = day if state.phase is not Phase.RUNNING else state.since
    after = State(phase, day, since, product, currency, native, state.term, state.renewed)
    return after, _difference(subscription_id, state, after, fact), reason


def _against(state: State, fact: Fact) -> bool:
    """Whether the amount says the other thing than the event's name."""
    if state.phase is not Phase.RUNNING or fact.native is None or fact.currency != state.currency:
        return False
    return (fact.event == EXPANDED and fact.native < state.native) or (
        fact.event == CONTRACTED and fact.native > state.native
    )


def _difference(subscription_id: str, before: State, after: State, fact: Fact) -> Sequence[Step]:
    made = (after.day, fact.at, fact.message_id, subscription_id)
    if before.product == after.product and before.currency == after.currency:
        change = after.brings - before.brings
        return (Step(*made, after.product, after.currency, change, fact.grows),) if change else ()
    gone = Step(*made, before.product, before.currency, -before.brings, "")
    came = Step(*made, after.product, after.currency, after.brings, fact.grows)
    return [part for part in (gone, came) if part.native]


def _by_day(placed: tuple[int, Fact, int | None]) -> tuple[int, float, str]:
    return placed[0], placed[1].at, placed[1].message_id


def _standing(placed: Sequence[tuple[int, Fact, int | None]]) -> list[tuple[int, Fact, int | None]]:
    """Without the ends that were announced and taken back before they came."""
    standing: list[tuple[int, Fact, int | None]] = []
    last_end = 0
    for day, fact, term in placed:
        until = day + 1 if fact.event == STARTED else day
        if fact.event in RESUMING and last_end >= until:
            standing = [one for one in standing if one[1].event != CHURNED or one[0] < until]
            last_end = until - 1
        elif fact.event == CHURNED:
            last_end = max(last_end, day)
        standing.append((day, fact, term))
    return standing


def corrected(account_id: str, facts: Sequence[Fact], issues: list[Issue]) -> list[Fact]:
    """With each correction in the place of what it corrects, whichever of the two is dated earlier.

    Of several corrections of one fact the first one dated counts; the others, and those in a circle, correct nothing.
    """
    waiting = {fact.message_id: fact for fact in sorted(facts, key=_dated) if fact.corrects}
    if not waiting:
        return list(facts)
    said = {fact.message_id: fact for fact in facts if not fact.corrects}
    while waiting:
        chain = {next(iter(waiting)): None}
        while (above := waiting[next(reversed(chain))].corrects) in waiting and above not in chain:
            chain[above] = None
        for message_id in reversed(chain):
            fact = waiting.pop(message_id)
            old = said.pop(fact.corrects, None)
            if old is None:
                issues.append(_uncorrected(account_id, fact))
                said[message_id] = fact
                continue
            effective = old.effective if fact.effective is None else fact.effective
            said[message_id] = fact._replace(at=old.at, effective=effective)
    return sorted(said.values())


def _dated(fact: Fact) -> tuple[float, str]:
    return fact.at, fact.message_id


def _uncorrected(account_id: str, fact: Fact) -> Issue:
    message = f"no other message of this subscription has the id {fact.corrects!r}, or it is corrected already"
    return Issue(account_id, fact.message_id, UNCORRECTED, "properties.corrects", fact.corrects, message)


def _about(account_id: str, fact: Fact, reason: str, term: int | None) -> Issue:
    """The issue, which names what the event stands against."""
    if reason == AGAINST and fact.native is not None:
        less = "less than before the expansion" if fact.event == EXPANDED else "more than before the contraction"
        amount = f"{major(fact.native, fact.currency)} {fact.currency}"
        return Issue(account_id, fact.message_id, reason, "properties.arr", amount, f"{less}: counted by the amounts")
    dated = reason in ("backwards_term", "double_renewal")
    value = fact.renews if dated else fact.effective
    shown = "" if value is None else date.fromordinal(value).isoformat()
    if not shown:
        shown = date.fromordinal(day_of(fact.at)).isoformat()
    paid = "has no paid term that is known" if term is None else f"is paid until {date.fromordinal(term)}"
    field = "properties.renews_at" if dated else "timestamp" if fact.effective is None else "properties.effective_at"
    return Issue(account_id, fact.message_id, reason, field, shown, f"the subscription {paid}")
