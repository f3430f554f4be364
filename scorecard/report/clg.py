"""C3 to C6: how those that customer-led growth touched fared beside comparable others, and what it is credited with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard import attribution, lift, panel
from scorecard.attribution import Model
from scorecard.balance import Balance, balance
from scorecard.bootstrap import RESAMPLES
from scorecard.exposure import Move, traced
from scorecard.family import movements_of
from scorecard.figure import Figure
from scorecard.lift import Lift, Study, study
from scorecard.movement import EXPANSION
from scorecard.period import Period
from scorecard.placebo import Placebo, placebo
from scorecard.report.source import Figures, Source
from scorecard.sheet import inside
from scorecard.strata import SHARE_MIN, Arm
from scorecard.unit import Outcome, Unit
from scorecard.wording import Conclusion, conclude

SEED = 7
"""Of the bootstrap: the same figures give the same interval, today and tomorrow."""

MATCHED_ON = panel.DIMENSIONS
"""Segment, industry, product mix, tenure, starting revenue and prior health."""


class Measurement(NamedTuple):
    """C3 to C5 of a period, with all that one needs to judge them."""

    period: Period
    study: Study
    balances: Sequence[Balance]
    placebo: Placebo
    conclusions: Mapping[Outcome, Conclusion]
    programmes: Mapping[str, Study]
    """C5: of each programme, those exposed to it against those exposed to none."""
    exposed: Arm
    """C3: of all that were exposed, comparable or not."""
    others: Arm


def measure(source: Source, period: Period) -> Measurement:
    """Compare entities that were exposed before the period with comparable others; kept (Source.kept), since it takes
    all accounts.
    """
    return source.kept("lift", period, lambda: _measure(source, period))


def _measure(source: Source, period: Period, resamples: int = RESAMPLES) -> Measurement:
    settings, rates = source.settings, source.settings.exchange
    units, earlier = panel.survey(
        source.model.books(), period, rates, dimensions=MATCHED_ON, exposing=settings.exposure.exposing
    )
    found = study(units, MATCHED_ON, seed=SEED, resamples=resamples, share_min=SHARE_MIN)
    kept = found.matching.dimensions  # what the whole is matched on, the parts and the placebo are as well
    balances = balance(units, found)
    tested = placebo(earlier, kept, seed=SEED, resamples=resamples)
    conclusions = {outcome: conclude(one, found, balances, tested) for outcome, one in found.lifts.items()}
    programmes = dict(lift.by_programme(units, kept, seed=SEED, resamples=resamples))
    arms = (_arm(unit for unit in units if unit.exposed is exposed) for exposed in (True, False))
    return Measurement(period, found, balances, tested, conclusions, programmes, *arms)


def _arm(units: Iterable[Unit]) -> Arm:
    """The sums of some units."""
    amounts = [unit.amounts for unit in units]
    return Arm(len(amounts), tuple(map(sum, zip(*amounts, strict=True))))


def lifted(found: Measurement) -> Figures:
    """C3, C4 and C5 as figures; n: accounts compared."""
    nrr, n = found.study.lifts[Outcome.NRR], found.study.exposed_n + found.study.control_n
    exposed, others = _rate("C3.exposed", found.exposed), _rate("C3.other", found.others)
    apart = None if exposed.value is None or others.value is None else exposed.value - others.value
    reason, accounts = exposed.reason or others.reason, exposed.n + others.n
    naive = Figure("C3", apart, reason, None, None, accounts, "ratio")
    stratified = _lift("C4", nrr, n)
    # the largest lift of several would be too large: it is the largest by chance, too
    widest = max(found.programmes.values(), key=lambda one: one.exposed_n, default=None)
    compared = Figure("C5", None, "no programme touched anybody", None, None, 0, "ratio")
    if widest is not None:
        compared = _lift("C5", widest.lifts[Outcome.NRR], widest.exposed_n + widest.control_n)
    return {one.id: one for one in (naive, exposed, others, stratified, compared)}


def _lift(figure: str, one: Lift, n: int) -> Figure:
    interval = one.interval
    return Figure(
        figure, _fraction(one.value), _reason(one) if one.value is None else None, None, None, n, "ratio",
        None if interval is None else interval.low, None if interval is None else interval.high,
    )  # fmt: skip


def _rate(figure: str, arm: Arm) -> Figure:
    """NRR of an arm."""
    if not arm.n:
        return Figure(figure, None, "no such account was active at the start", None, None, 0, "ratio")
    return Figure(figure, arm.rate(Outcome.NRR), None, arm.amounts[1], arm.start, arm.n, "ratio")


def _reason(one: Lift) -> str:
    return one.reason or one.no_interval or lift.NO_STRATUM


def _fraction(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(value)


class Attributed(NamedTuple):
    """C6: the expansion of a period, shared out by one model."""

    model: Model
    programmes: Mapping[str, int]
    """Minor units; UNTOUCHED and BASELINE among them. They add up to `total`."""
    total: int
    movements: int


def attribute(
    source: Source, period: Period, models: Sequence[Model], found: Measurement | None = None
) -> list[Attributed]:
    """Share out the expansion of a period (X1) by each of the models; kept (Source.kept), since it takes all accounts.

    The model `lift` needs the measurement of the same period, which is made where it is not given.
    """
    name = "attribution by " + ", ".join(models)
    return source.kept(name, period, lambda: _attribute(source, period, models, found))


def _attribute(source: Source, period: Period, models: Sequence[Model], found: Measurement | None) -> list[Attributed]:
    fractions = _fractions(found or measure(source, period)) if Model.LIFT in models else None
    given: dict[Model, dict[str, int]] = {model: {} for model in models}
    total = count = 0
    for movement, touchpoints in _moves(source, period):
        if movement.kind not in EXPANSION:
            continue
        total, count = total + movement.cents, count + 1
        for model, sums in given.items():
            parts = attribution.attribute(movement.cents, touchpoints, model, fractions=fractions)
            for programme, cents in attribution.by_programme(parts).items():
                sums[programme] = sums.get(programme, 0) + cents
    return [
        Attributed(model, dict(sorted(sums.items(), key=lambda one: (-one[1], one[0]))), total, count)
        for model, sums in given.items()
    ]


def _moves(source: Source, period: Period) -> Iterator[Move]:
    """Every movement of a period, apart from changes of a rate."""
    settings = source.settings
    for books in source.model.books():
        yield from traced(books, inside(movements_of(books), period, settings.exchange), settings.exposure.exposing)


def _fractions(found: Measurement) -> dict[str, Fraction]:
    """Of each programme, the share of expansion that its measured lift accounts for."""
    return {name: lift.fraction(one.lifts[Outcome.EXPANSION]) for name, one in found.programmes.items()}
