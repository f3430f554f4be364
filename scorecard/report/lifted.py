"""C3 to C5 as figures: of everybody, of each cohort, and of each programme."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard.comparison import Comparison
from scorecard.figure import Figure
from scorecard.lift import NO_STRATUM, Lift, Study
from scorecard.membership import groups
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT
from scorecard.panel import Panel
from scorecard.period import Period
from scorecard.report.clg import Measurement, drawing, measure
from scorecard.report.measured import NOT_BY_PRODUCT
from scorecard.report.source import Figures, Source
from scorecard.strata import Arm, arms
from scorecard.unit import Outcome


class Part(NamedTuple):
    """A cohort of a measurement."""

    comparison: Comparison
    figures: Figures
    """C3 of both arms, and C4."""


def lifted(source: Source, period: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Figures]:
    """C3 and C4 of each cohort; without dimensions of everybody, and C5 of the programme that most were in.

    ValueError for `product`, which cuts through accounts.
    """
    if by:
        return {cohort: part.figures for cohort, part in parts(source, period, by).items()}
    found = measure(source, period)
    everybody = _figures(found.panel, found.whole)
    # the largest lift of several would be too large: it is the largest by chance, too
    studies = (one.study for one in found.programmes.values())
    widest = max(studies, key=lambda one: one.exposed_n, default=None)
    nothing = Figure("C5", None, "no programme touched anybody", None, None, 0, "ratio")
    return {(): {**everybody, "C5": nothing if widest is None else _lift("C5", widest)}}


def parts(source: Source, period: Period, by: Sequence[str]) -> Mapping[Cohort, Part]:
    """Of each cohort of the dimensions `by`, its accounts compared: matched on what all are matched on, among
    themselves, and drawn with the same seed. ValueError for `product`, which cuts through accounts.
    """
    if PRODUCT in by:
        raise ValueError(f"{PRODUCT}: {NOT_BY_PRODUCT}")
    found = measure(source, period)
    # not Source.kept: the measurement may be given again though something came, and what is made of it then is as old
    return source.memo.get(("lift", period[:2], tuple(by)), found.stamp, lambda: _parts(source, found, by), fresh_s=0.0)


def by_programme(source: Source, period: Period) -> Mapping[Cohort, Figures]:
    """C5 of each programme."""
    return {(name,): {"C5": _lift("C5", one.study)} for name, one in measure(source, period).programmes.items()}


def _parts(source: Source, found: Measurement, by: Sequence[str]) -> Mapping[Cohort, Part]:
    if not len(found.panel.numbers):
        return {}
    how, made = drawing(source), dict[Cohort, Part]()
    for cohort, rows in groups(found.panel.membership, by):
        panel = found.panel.part(rows)
        comparison = Comparison.of(panel, found.matched_on, how)
        made[cohort] = Part(comparison, _figures(panel, comparison))
    return made


def _figures(panel: Panel, found: Comparison) -> Figures:
    """C3 of both arms, and C4."""
    both = arms(panel.sample(found.study.matching.dimensions))
    exposed, others = (_rate(name, arm) for name, arm in zip(("C3.exposed", "C3.other"), both, strict=True))
    apart = None if exposed.value is None or others.value is None else exposed.value - others.value
    naive = Figure("C3", apart, exposed.reason or others.reason, None, None, exposed.n + others.n, "ratio")
    return {one.id: one for one in (naive, exposed, others, _lift("C4", found.study))}


def _rate(figure: str, arm: Arm) -> Figure:
    """NRR of an arm."""
    if not arm.n:
        return Figure(figure, None, "no such account was active at the start", None, None, 0, "ratio")
    return Figure(figure, arm.rate(Outcome.NRR), None, arm.amounts[1], arm.start, arm.n, "ratio")


def _lift(figure: str, study: Study) -> Figure:
    """Of NRR; n: accounts compared."""
    one, n = study.lifts[Outcome.NRR], study.exposed_n + study.control_n
    value = None if one.value is None else Fraction(one.value)
    low, high = (None, None) if one.interval is None else (one.interval.low, one.interval.high)
    return Figure(figure, value, _reason(one) if value is None else None, None, None, n, "ratio", low, high)


def _reason(one: Lift) -> str:
    return one.reason or one.no_interval or NO_STRATUM
