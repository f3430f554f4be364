"""The cohorts in which a figure is best and worst."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scorecard.catalogue import entry_of, metric_of
from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT
from scorecard.report.measured import NOT_BY_PRODUCT

COHORT_MIN = 5
"""What a figure must rest on to make a cohort the best or the worst: one account is an anecdote."""

ESTIMATES = frozenset({"C4", "C5"})
"""Figures of which a cohort must have an interval as well: without one nobody knows whether it differs from zero."""

ARMS: Mapping[str, Sequence[str]] = {"C3": ("C3.exposed", "C3.other")}
"""Figures that rest on no more than the smaller one of two others does."""

NOT_OF_COHORTS: Mapping[str, str] = {
    "C2": "it is of all days, and on these an account is in no one cohort",
    "G1": "each target is of the cohort that it names",
    "G2": "each benchmark is of the cohort that it names",
    "S1": "it counts figures of a view",
    "S2": "it counts figures of a view",
    "S3": "it is of those who read, and not of accounts",
}
"""Why the figures of some metrics have no cohorts."""


class Ends(NamedTuple):
    """The best and the worst cohort, with the figure in each; None with the reason where there are not two to tell."""

    dimensions: Sequence[str]
    best: tuple[Cohort, Figure] | None
    worst: tuple[Cohort, Figure] | None
    reason: str | None


def ends(figure: str, cohorts: Mapping[Cohort, Mapping[str, Figure]], dimensions: Sequence[str]) -> Ends:
    """Of the cohorts in which the figure rests on enough."""
    there = {values: figures for values, figures in cohorts.items() if figure in figures}
    found = [(values, figures[figure]) for values, figures in there.items() if _rests(figures, figure)]
    if len(found) < 2:
        return Ends(dimensions, None, None, _why_not(figure, [one[figure] for one in there.values()], dimensions))
    down = entry_of(figure).good_of(figure) == "down"
    ordered = sorted(found, key=lambda one: (one[1].value or 0, one[0]), reverse=not down)
    return Ends(dimensions, ordered[0], ordered[-1], None)


def _rests(figures: Mapping[str, Figure], figure: str) -> bool:
    one = figures[figure]
    if one.value is None or (figure in ESTIMATES and one.low is None):
        return False
    return all(figures[part].n >= COHORT_MIN for part in ARMS.get(figure, (figure,)))


def _why_not(figure: str, found: Sequence[Figure], dimensions: Sequence[str]) -> str:
    if not found:
        nothing = NOT_BY_PRODUCT if PRODUCT in dimensions else f"nothing is known of any {' and '.join(dimensions)}"
        return NOT_OF_COHORTS.get(metric_of(figure), nothing)
    if any(one.value is not None for one in found):
        arm, interval = (" in each arm" if figure in ARMS else ""), (" with an interval" if figure in ESTIMATES else "")
        return f"fewer than two of {len(found)} rest on {COHORT_MIN} or more{arm}{interval}"
    ((reason, _),) = Counter(one.reason for one in found).most_common(1)
    return f"none of {len(found)} has a value: {reason}"
