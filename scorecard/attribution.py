"""C6: how much of a movement is credited to which programme, by five models, each of which adds up to the cent.

Attribution divides what happened; it does not say what would have happened otherwise. Only the model `lift` looks at
that, and it leaves with the baseline whatever the measured lift doesn't account for.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from scorecard.exposure import Move
from scorecard.figure import Figure
from scorecard.movement import EXPANSION
from scorecard.tally import Tally
from scorecard.touchpoint import Touchpoint
from scoring.days import DAY

UNTOUCHED = "(no touchpoint)"
"""Credited with movements that nothing had touched."""
BASELINE = "(baseline)"
"""Credited, by the model `lift`, with what would have come anyway, as far as was measured."""

HALF_LIFE_DAYS = 30.0
"""Of the model `time-decay`, unless scorecard.yaml says otherwise: a touchpoint a month older counts half."""
ENDS_SHARE = Fraction(2, 5)
"""Of the model `position`, for the first touchpoint and for the last; those between share the rest (the "U shape")."""


class Model(StrEnum):
    """How a movement is divided among the touchpoints that came within the days before it."""

    LAST_TOUCH = "last-touch"
    LINEAR = "linear"
    TIME_DECAY = "time-decay"
    POSITION = "position"
    LIFT = "lift"


class Credit(NamedTuple):
    """A part of one movement."""

    programme: str
    """UNTOUCHED and BASELINE are nobody's."""
    contact: str | None
    message_id: str
    """Of the touchpoint; empty for UNTOUCHED and BASELINE."""
    cents: int
    """Signed as the movement is: a churn is divided as an expansion is."""


def attribute(
    cents: int,
    found: Sequence[Touchpoint],
    model: Model,
    *,
    half_life_days: float = HALF_LIFE_DAYS,
    fractions: Mapping[str, Fraction] | None = None,
) -> list[Credit]:
    """The parts of a movement of `cents`; they add up to it exactly.

    `found`: the touchpoints within the days before it (`exposure.touches`), in any order. `fractions` is for the model
    `lift`: of each programme, the share of such movements that the lift measured for it accounts for (`lift.fraction`),
    0..1; a programme that is not in it accounts for nothing.

    >>> touched = [Touchpoint("acme", "ann", name, at, name) for at, name in enumerate(["event", "academy", "council"])]
    >>> [credit.cents for credit in attribute(100, touched, Model.LINEAR)]
    [34, 33, 33]
    """
    if not found:
        return [Credit(UNTOUCHED, None, "", cents)]
    if half_life_days <= 0:
        raise ValueError(f"half_life_days={half_life_days:g}: must be above 0")
    ordered = sorted(found, key=lambda touch: (touch.at, touch.message_id))
    if model is Model.LIFT:
        return _by_lift(cents, ordered, fractions or {})
    weights = _weights(ordered, model, half_life_days)
    parts = apportion(cents, weights)
    return [
        Credit(touch.programme, touch.contact, touch.message_id, part)
        for touch, part in zip(ordered, parts, strict=True)
    ]


def apportion(cents: int, weights: Sequence[Fraction]) -> list[int]:
    """Whole cents in proportion to the weights, by the largest remainder (Hamilton's method); they add up to `cents`.

    Of equal remainders the first comes first. ValueError for a negative weight, or where all are zero.

    >>> apportion(-10, [Fraction(1), Fraction(1), Fraction(1)])
    [-4, -3, -3]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights {[str(weight) for weight in weights]}: none below zero, and some above")
    exact = [abs(cents) * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    missing = abs(cents) - sum(parts)
    neediest = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in neediest[:missing]:
        parts[place] += 1
    return parts if cents >= 0 else [-part for part in parts]


def by_programme(parts: Iterable[Credit]) -> dict[str, int]:
    """The sum of each programme, by name; together they are the sum of the movements."""
    sums: dict[str, int] = {}
    for credit in parts:
        sums[credit.programme] = sums.get(credit.programme, 0) + credit.cents
    return dict(sorted(sums.items()))


def shared_out(found: Iterable[Move]) -> Tally:
    """What movements add to C6: how many expansions there are, and what of their money programmes are credited with.

    Without the model `lift` that is all of what anything had touched: the parts of a movement add up to it.
    """
    expansions = [one for one in found if one.movement.kind in EXPANSION]
    credit = sum(one.movement.cents for one in expansions if one.touchpoints)
    return Tally({"expansions": len(expansions), "credited": credit})


def credited(tally: Tally) -> Figure:
    """C6: what programmes are credited with, of all expansion.

    >>> credited(Tally({"expansions": 2, "credited": 300})).value
    Fraction(300, 1)
    """
    return Figure.amount("C6", tally["credited"], n=tally["expansions"])


def _weights(ordered: Sequence[Touchpoint], model: Model, half_life_days: float) -> list[Fraction]:
    count = len(ordered)
    if model is Model.LAST_TOUCH:
        return [Fraction(place == count - 1) for place in range(count)]
    if model is Model.TIME_DECAY:
        # Counted from the newest one: proportions are the same as from the movement, and not all can vanish.
        newest = ordered[-1].at
        return [Fraction(0.5 ** ((newest - touch.at) / DAY / half_life_days)) for touch in ordered]
    if model is Model.POSITION and count > 2:
        between = (1 - 2 * ENDS_SHARE) / (count - 2)
        return [ENDS_SHARE, *[between] * (count - 2), ENDS_SHARE]
    return [Fraction(1)] * count


def _by_lift(cents: int, ordered: Sequence[Touchpoint], fractions: Mapping[str, Fraction]) -> list[Credit]:
    """Programmes are taken to work independently: together they account for 1 - product of (1 - fraction)."""
    for programme, fraction in fractions.items():
        if not 0 <= fraction <= 1:
            raise ValueError(f"fractions[{programme!r}]={float(fraction):g}: must be from 0 to 1")
    newest = {touch.programme: touch for touch in ordered}
    touched = {name: fractions.get(name, Fraction(0)) for name in sorted(newest)}
    rest = Fraction(1)
    for fraction in touched.values():
        rest *= 1 - fraction
    measured = sum(touched.values())
    weights = [fraction * (1 - rest) / measured if measured else Fraction(0) for fraction in touched.values()]
    *parts, baseline = apportion(cents, [*weights, rest])
    credited = [_credit(newest[name], part) for name, part in zip(touched, parts, strict=True)]
    return [*credited, Credit(BASELINE, None, "", baseline)]


def _credit(touch: Touchpoint, cents: int) -> Credit:
    return Credit(touch.programme, touch.contact, touch.message_id, cents)
