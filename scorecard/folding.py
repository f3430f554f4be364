"""Bounds what is kept of an account: the oldest facts become the state that they led to."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from scorecard.fact import Fact, day_of
from scorecard.movement import Kind, Movement
from scorecard.phase import State
from scorecard.subscription import corrected, place

FACTS_MAX = 2_048
"""Facts kept one by one of an account: ten subscriptions that moved every month for seventeen years, or some 200 KB of
its record."""

FOLDED_MIN = 128
"""Facts that a folding must take away, else it would be done again at once. Where so many can't be, since what was said
early holds late, the account's further facts are refused and itemised."""

Facts = Mapping[str, tuple[list[Fact], State]]
"""Subscription: its facts in the order in which they were said, and the state before them."""


class Fold(NamedTuple):
    """Where an account's past ends that is kept only as a sum."""

    day: int
    """Everything that holds from a day before it is folded, and nothing else is."""
    counts: dict[str, int]
    """Subscription: how many of its facts, the oldest, go."""


def fold(facts: Facts) -> Fold | None:
    """The fold that takes away about half of the facts, or a quarter, or an eighth; None where none is possible.

    The facts of a subscription can be parted where all of the first was said, and holds, before the day, and all of the
    second holds from the day on.
    """
    times = sorted(fact.at for said, _ in facts.values() for fact in said)
    for share in (2, 4, 8):
        day = day_of(times[len(times) // share])
        counts = {key: count for key, (said, base) in facts.items() if (count := _before(said, base, day)) is not None}
        if len(counts) == len(facts) and sum(counts.values()) >= FOLDED_MIN:
            return Fold(day, counts)
    return None


def _before(said: Sequence[Fact], base: State, day: int) -> int | None:
    """How many of the facts, the first ones, go; None where they can't be parted at this day."""
    facts = corrected("", said, [])
    if len(facts) != len(said) or any(fact.corrects for fact in said):
        holding = _holding(facts, base)
        if all(one >= day for one in holding):
            return 0
        return len(said) if all(one < day for one in holding) and day_of(said[-1].at) < day else None
    holding = _holding(facts, base)
    count = next((place for place, one in enumerate(holding) if one >= day), len(holding))
    parted = all(one >= day for one in holding[count:]) and (not count or day_of(said[count - 1].at) < day)
    return count if parted else None


def _holding(facts: Sequence[Fact], base: State) -> list[int]:
    """The day from which each of the facts holds."""
    days, term, renewed = list[int](), base.term, base.renewed
    for fact in facts:
        day, term, renewed, reason = place(fact, term, renewed=renewed)
        days.append(day_of(fact.at) if reason == "double_renewal" else day)
    return days


def opening(account_id: str, movements: Sequence[Movement], day: int) -> list[Movement]:
    """The movements with those before the day as one row for each product and currency, of the day before and kind new.

    What they add up to stays; when it came and as what is in the ledger that was posted.
    """
    on = date.fromordinal(day - 1)
    place = bisect_left(movements, date.fromordinal(day), key=attrgetter("on"))
    held: dict[tuple[str, str], tuple[int, int]] = {}
    for row in movements[:place]:
        key = row.product, row.currency
        cents, native = held.get(key, (0, 0))
        held[key] = cents + row.cents, native + row.native
    rows = [
        Movement(account_id, product, "", Kind.NEW, on, cents, currency, native, "")
        for (product, currency), (cents, native) in sorted(held.items())
        if cents or native
    ]
    return [*rows, *movements[place:]]
