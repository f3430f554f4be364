"""C3 to C5 as figures: of everybody, of each cohort, and of each programme."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from scorecard.figure import Figure
from scorecard.lift import NO_STRATUM, Lift, Study, study_sample
from scorecard.membership import groups
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT
from scorecard.period import Period
from scorecard.report.clg import SEED, Measurement, measure
from scorecard.report.measured import NOT_BY_PRODUCT
from scorecard.report.source import Figures, Source
from scorecard.sample import Sample
from scorecard.strata import Arm, arms
from scorecard.unit import Outcome


def lifted(source: Source, period: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Figures]:
    """C3 and C4 of each cohort; without dimensions of everybody, and C5 of the programme that most were in.

    A cohort's accounts are matched on what all are matched on, among themselves, and drawn anew with the same seed.
    ValueError for `product`, which cuts through accounts.
    """
    if PRODUCT in by:
        raise ValueError(f"{PRODUCT}: {NOT_BY_PRODUCT}")
    found = measure(source, period)
    if not by:
        everybody = _compared(found.sample, found.study)
        # the largest lift of several would be too large: it is the largest by chance, too
        widest = max(found.programmes.values(), key=lambda one: one.exposed_n, default=None)
        nothing = Figure("C5", None, "no programme touched anybody", None, None, 0, "ratio")
        return {(): {**everybody, "C5": nothing if widest is None else _lift("C5", widest)}}
    # not Source.kept: the measurement may be given again though something came, and what is made of it then is as old
    return source.memo.get(("lift", period[:2], tuple(by)), found.stamp, lambda: _of_cohorts(found, by), fresh_s=0.0)


def by_programme(source: Source, period: Period) -> Mapping[Cohort, Figures]:
    """C5 of each programme."""
    return {(name,): {"C5": _lift("C5", one)} for name, one in measure(source, period).programmes.items()}


def _of_cohorts(found: Measurement, by: Sequence[str]) -> Mapping[Cohort, Figures]:
    if not any(arm.n for arm in (found.exposed, found.others)):
        return {}
    parts = ((cohort, found.sample.part(rows)) for cohort, rows in groups(found.membership, by))
    return {cohort: _compared(sample, study_sample(sample, seed=SEED)) for cohort, sample in parts}


def _compared(sample: Sample, study: Study) -> Figures:
    """C3 of both arms, and C4."""
    exposed, others = (_rate(name, arm) for name, arm in zip(("C3.exposed", "C3.other"), arms(sample), strict=True))
    apart = None if exposed.value is None or others.value is None else exposed.value - others.value
    naive = Figure("C3", apart, exposed.reason or others.reason, None, None, exposed.n + others.n, "ratio")
    return {one.id: one for one in (naive, exposed, others, _lift("C4", study))}


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
