"""The usual ways in which somebody else's retention figure comes out differently, each computed on the same book."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import combinations
from math import fsum
from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.retention import grr, logo_retention, nrr
from scorecard.sheet import Sheet

YEAR_DAYS = 365
TOGETHER_MAX = 2
"""Mistakes made at once: with three, nearly every figure can be had somehow."""

FORMULAS = {"R1": logo_retention, "R2": grr, "R3": nrr}
NAMES = {"R1": "logo retention", "R2": "gross revenue retention", "R3": "net revenue retention"}


class Apart(NamedTuple):
    """A metric of each account by itself, as some reports have it instead of the ratio of sums."""

    mean: Fraction
    """Of the accounts' own ratios; to a float's precision, since exact sums of so many ratios take minutes."""
    survivors: Fraction | None
    """The ratio of sums of those that stayed; None where nobody did."""


def apart(sheets: Iterable[Sheet]) -> dict[str, Apart]:
    """Of the entities of a cohort, by metric: R2 and R3; none where nobody was active at the start.

    >>> apart([Sheet(start=100, end=150, kept=100), Sheet(start=300, end=0)])["R3"]
    Apart(mean=Fraction(3, 4), survivors=Fraction(3, 2))
    """
    active = [(sheet.start, sheet.kept, sheet.end) for sheet in sheets if sheet.start > 0]
    if not active:
        return {}
    stayed = [one for one in active if one[2] > 0]
    start = sum(one[0] for one in stayed)
    return {
        metric: Apart(
            Fraction(fsum(one[place] / one[0] for one in active)) / len(active),
            Fraction(sum(one[place] for one in stayed), start) if stayed else None,
        )
        for place, metric in ((1, "R2"), (2, "R3"))
    }


class Evidence(NamedTuple):
    """What a reported figure is held against."""

    sheet: Sheet
    """Of the period and cohort that the report names."""
    period: Period
    periods: Mapping[str, Sheet] = {}
    """The same cohort in other periods, by label, the likelier ones first."""
    cohorts: Mapping[str, Sheet] = {}
    """The same period in other cohorts (the whole among them), by name."""
    apart: Mapping[str, Apart] = {}
    """By metric; without them no means are tried."""


class Variant(NamedTuple):
    """One other way to compute it."""

    id: str
    """For counting: "new", "reactivation+fx", "period"."""
    explanation: str
    value: Fraction


def variants(metric: str, evidence: Evidence) -> Iterator[Variant]:
    """All that can be computed and differ from the one formula's, the likelier ones first."""
    right = FORMULAS[metric](evidence.sheet).value
    for variant in _all(metric, evidence):
        if variant.value != right:
            yield variant


def _all(metric: str, evidence: Evidence) -> Iterator[Variant]:
    adjusted = list(_adjusted(evidence.sheet)) if metric == "R3" else []
    yield from (variant for variant in adjusted if "+" not in variant.id)
    yield from _other_formulas(metric, evidence.sheet)
    yield from _elsewhere(metric, evidence)
    yield from _means(evidence.apart.get(metric))
    yield from _rescaled(metric, evidence)
    yield from (variant for variant in adjusted if "+" in variant.id)


def _adjusted(sheet: Sheet) -> Iterator[Variant]:
    """NRR whose numerator has something too much or too little; singles, then pairs."""
    if sheet.start <= 0:
        return
    amounts = {
        "new": (sheet.new + sheet.outside, "includes new logos"),
        "reactivation": (sheet.reactivation - sheet.returned, "includes reactivated accounts"),
        "fx": (sheet.fx, "at current exchange rates instead of a constant one"),
        "churn": (-sheet.churn, "leaves out churn"),
        "contraction": (-sheet.contraction, "leaves out contraction"),
        "usage": (-sheet.usage, "leaves out growth of usage"),
        "cross_sell": (-sheet.cross_sell, "leaves out cross-sell"),
        "upsell": (-sheet.upsell, "leaves out upsell"),
    }
    some = {name: item for name, item in amounts.items() if item[0]}
    for count in range(1, TOGETHER_MAX + 1):
        for names in combinations(some, count):
            extra = sum(some[name][0] for name in names)
            said = " and ".join(some[name][1] for name in names)
            yield Variant("+".join(names), said, Fraction(sheet.end + extra, sheet.start))


def _other_formulas(metric: str, sheet: Sheet) -> Iterator[Variant]:
    for other, formula in FORMULAS.items():
        if other != metric:
            yield from _of(formula(sheet), other.lower(), f"is {NAMES[other]}, not {NAMES[metric]}")
    if sheet.start > 0:
        whole = Fraction(sheet.total_end, sheet.start)
        yield Variant("all_revenue", "is the growth of all revenue, new accounts and rates included", whole)
        lost = Fraction(sheet.start + sheet.contraction + sheet.churn, sheet.start)
        yield Variant("movements", "takes off every loss, though some of it was won back within the period", lost)
    if sheet.n_start:
        yield Variant("logos_with_new", "counts new logos as retained", Fraction(sheet.n_end, sheet.n_start))


def _elsewhere(metric: str, evidence: Evidence) -> Iterator[Variant]:
    for label, sheet in evidence.periods.items():
        yield from _of(FORMULAS[metric](sheet), "period", f"is of another period: {label}")
    for name, sheet in evidence.cohorts.items():
        yield from _of(FORMULAS[metric](sheet), "cohort", f"is of another cohort: {name}")


def _means(found: Apart | None) -> Iterator[Variant]:
    if found is None:
        return
    yield Variant("mean", "is the mean of the accounts' own ratios instead of the ratio of sums", found.mean)
    if found.survivors is not None:
        said = "is of those that stayed: who left is missing from the start as well"
        yield Variant("survivors", said, found.survivors)


def _rescaled(metric: str, evidence: Evidence) -> Iterator[Variant]:
    sheet, right = evidence.sheet, FORMULAS[metric](evidence.sheet).value
    if right is None:
        return
    yield Variant("change", "is the change alone, without the 100 % of the start", right - 1)
    if metric == "R3" and sheet.start + sheet.total_end > 0:
        average = Fraction(2 * sheet.end, sheet.start + sheet.total_end)
        yield Variant("average_base", "is divided by the average of start and end instead of the start", average)
    if evidence.period.days != YEAR_DAYS and right > 0:
        with suppress(OverflowError):  # nobody reports what a great leap of one day would come to in a year
            yearly = Fraction(float(right) ** (YEAR_DAYS / evidence.period.days))
            yield Variant("annualised", "is scaled to a year", yearly)


def _of(figure: Figure, name: str, said: str) -> Iterator[Variant]:
    if figure.value is not None:
        yield Variant(name, said, figure.value)
