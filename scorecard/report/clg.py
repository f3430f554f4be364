"""C1 to C6: what customer-led growth touched, and how those that it touched fared beside comparable others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard import attribution, lift, panel
from scorecard.attribution import BASELINE, UNTOUCHED, Model
from scorecard.balance import Balance, balance
from scorecard.bootstrap import RESAMPLES
from scorecard.exposure import coverage, touches
from scorecard.figure import Figure
from scorecard.lift import Lift, Study, study
from scorecard.model.pages import LIMIT_MAX
from scorecard.model.rows import Moved
from scorecard.movement import EXPANSION, Kind
from scorecard.period import Period
from scorecard.placebo import Placebo, placebo
from scorecard.report.source import Figures, Source
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
    """Compare entities that were exposed before the period with comparable others; kept for a while, since it takes all
    accounts.
    """
    return source.memo.get(("lift", period[:2]), source.model.newest(), lambda: _measure(source, period))


def _measure(source: Source, period: Period, resamples: int = RESAMPLES) -> Measurement:
    settings, rates = source.settings, source.settings.exchange
    entities = {books[0].account_id: books for books in source.model.books()}
    within = settings.exposure.window_days
    units = [
        _of(unit, settings.exposure.programmes)
        for unit in panel.units(entities, period, rates, dimensions=MATCHED_ON, within_days=within)
    ]
    found = study(units, MATCHED_ON, seed=SEED, resamples=resamples, share_min=SHARE_MIN)
    kept = found.matching.dimensions  # what the whole is matched on, the parts and the placebo are as well
    balances = balance(units, found)
    earlier = panel.before(entities, units, period, rates, within)
    tested = placebo(earlier, kept, seed=SEED, resamples=resamples)
    conclusions = {outcome: conclude(one, found, balances, tested) for outcome, one in found.lifts.items()}
    programmes = dict(lift.by_programme(units, kept, seed=SEED, resamples=resamples))
    arms = (_arm(unit for unit in units if unit.exposed is exposed) for exposed in (True, False))
    return Measurement(period, found, balances, tested, conclusions, programmes, *arms)


def _arm(units: Iterable[Unit]) -> Arm:
    """The sums of some units."""
    amounts = [unit.amounts for unit in units]
    return Arm(len(amounts), tuple(map(sum, zip(*amounts, strict=True))))


def _of(unit: Unit, programmes: Sequence[str]) -> Unit:
    """Exposed only by the programmes that count."""
    kept = unit.programmes & {*programmes}
    return unit if kept == unit.programmes else unit._replace(programmes=kept, exposed=bool(kept))


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


def exposed(source: Source, period: Period) -> Figures:
    """C1 of the period's movements, and C2 of everything that is known."""
    within, books = source.settings.exposure.window_days, [one for family in source.model.books() for one in family]
    moved = touched = 0
    for book in books:
        for movement in book.movements:
            if movement.kind is not Kind.FX and period.contains(movement.on):
                moved += 1
                touched += bool(touches(book.touchpoints, movement.on, within))
    known = coverage(books, within_days=within)
    share = Figure.ratio("C1", touched, moved, n=moved, unit="share", empty="revenue did not move in the period")
    return {one.id: one for one in (share, known.accounts, known.movements._replace(id="C2.movements"))}


class Attributed(NamedTuple):
    """C6: the expansion of a period, shared out by one model."""

    model: Model
    programmes: Mapping[str, int]
    """Minor units; UNTOUCHED and BASELINE among them. They add up to `total`."""
    total: int
    movements: int


def attribute(source: Source, period: Period, model: Model, found: Measurement | None = None) -> Attributed:
    """Share out the expansion movements of a period. The model `lift` needs the measurement of the same period."""
    fractions = None if found is None else _fractions(found)
    if model is Model.LIFT and fractions is None:
        fractions = _fractions(measure(source, period))
    given: dict[str, int] = {}
    total = count = 0
    for moved in expansions(source, period):
        parts = attribution.attribute(moved.movement.cents, moved.touchpoints, model, fractions=fractions)
        for programme, cents in attribution.by_programme(parts).items():
            given[programme] = given.get(programme, 0) + cents
        total, count = total + moved.movement.cents, count + 1
    return Attributed(model, dict(sorted(given.items(), key=lambda one: -one[1])), total, count)


def expansions(source: Source, period: Period) -> Iterator[Moved]:
    """Every expansion of a period with what had touched the account before it, by day."""
    after = None
    while True:
        page = source.model.movements(period, kinds=EXPANSION, after=after, limit=LIMIT_MAX)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def _fractions(found: Measurement) -> dict[str, Fraction]:
    """Of each programme, the share of expansion that its measured lift accounts for."""
    return {name: lift.fraction(one.lifts[Outcome.EXPANSION]) for name, one in found.programmes.items()}


def credited(attributed: Attributed) -> Figure:
    """C6: what programmes are credited with, of all expansion."""
    share = sum(cents for name, cents in attributed.programmes.items() if name not in (UNTOUCHED, BASELINE))
    return Figure.amount("C6", share, n=attributed.movements)
