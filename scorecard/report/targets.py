"""Targets: which one applies to a figure, whether it is met, and how many are (G1)."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.money import exponent
from scorecard.period import Period
from scorecard.settings.targets import Target


class Held(NamedTuple):
    """A figure beside its target."""

    target: Target
    goal: Fraction
    """In the figure's unit: money in minor units."""
    met: bool | None
    """None: the figure has no value."""


def held(
    figure: Figure, cohort: Mapping[str, str], period: Period, targets: Iterable[Target], currency: str
) -> Held | None:
    """The figure of a cohort (value by dimension; none: everybody) beside the target that applies; None without one."""
    found = [one for one in targets if one.metric == figure.id and _applies(one, cohort, period)]
    if not found:
        return None
    target = min(found, key=_rank)
    goal = in_unit(Fraction(target.at_least if target.at_least is not None else target.at_most or 0), figure, currency)
    if figure.value is None:
        return Held(target, goal, None)
    return Held(target, goal, figure.value >= goal if target.at_least is not None else figure.value <= goal)


def in_unit(value: Fraction, figure: Figure, currency: str) -> Fraction:
    """A number of a person's file as the figure has it: of money, minor units."""
    return value * 10 ** exponent(currency) if figure.unit == "money" else value


def attainment(found: Sequence[Held]) -> Figure:
    """G1: targets met / targets whose figure has a value."""
    judged = [one.met for one in found if one.met is not None]
    empty = "no target applies" if not found else "no figure with a target has a value"
    return Figure.ratio("G1", sum(judged), len(judged), n=len(found), unit="share", empty=empty)


def _applies(target: Target, cohort: Mapping[str, str], period: Period) -> bool:
    if any(cohort.get(dimension) != value for dimension, value in target.cohort.items()):
        return False
    if target.period is None:
        return True
    of = Period.parse(target.period)
    return of.start <= period.start and period.end <= of.end


def _rank(target: Target) -> tuple[int, int]:
    """The lowest wins: the one that names most of the cohort, then the one of the shortest period."""
    return -len(target.cohort), Period.parse(target.period).days if target.period else 10**9
