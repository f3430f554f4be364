"""C1 to C6: what customer-led growth touched, and how those that it touched fared beside comparable others."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard import attribution, lift, panel
from scorecard.attribution import BASELINE, UNTOUCHED, Model
from scorecard.balance import Balance, balance
from scorecard.book import Book
from scorecard.bootstrap import RESAMPLES
from scorecard.exposure import coverage, touches
from scorecard.family import movements_of, touchpoints_of
from scorecard.figure import Figure
from scorecard.lift import Study, study
from scorecard.membership import Membership
from scorecard.movement import EXPANSION, Movement
from scorecard.period import Period
from scorecard.placebo import Placebo, placebo
from scorecard.report.source import Figures, Source
from scorecard.sample import Sample
from scorecard.settings.file import ScorecardFile
from scorecard.sheet import inside
from scorecard.strata import SHARE_MIN, Arm, arms
from scorecard.touchpoint import Touchpoint
from scorecard.unit import Outcome
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
    sample: Sample
    """All accounts of the study, by what they are matched on."""
    membership: Membership
    """The cohorts of these, by every dimension that is kept."""
    stamp: object
    """Equal to itself alone: what is made of this measurement is kept as long as it is this one."""

    @property
    def exposed(self) -> Arm:
        """C3: of all that were exposed, comparable or not."""
        return arms(self.sample)[0]

    @property
    def others(self) -> Arm:
        """C3: of all others."""
        return arms(self.sample)[1]


def measure(source: Source, period: Period) -> Measurement:
    """Compare entities that were exposed before the period with comparable others; kept (Source.kept), since it takes
    all accounts.
    """
    return source.kept("lift", period, lambda: _measure(source, period))


def _measure(source: Source, period: Period, resamples: int = RESAMPLES) -> Measurement:
    settings, rates = source.settings, source.settings.exchange
    exposing = panel.Exposing(settings.exposure.window_days, settings.exposure.programmes)
    units, earlier, membership = panel.survey(
        source.model.books(), period, rates, dimensions=MATCHED_ON, by=source.model.dimensions, exposing=exposing
    )
    found = study(units, MATCHED_ON, seed=SEED, resamples=resamples, share_min=SHARE_MIN)
    kept = found.matching.dimensions  # what the whole is matched on, the parts and the placebo are as well
    balances = balance(units, found)
    tested = placebo(earlier, kept, seed=SEED, resamples=resamples)
    conclusions = {outcome: conclude(one, found, balances, tested) for outcome, one in found.lifts.items()}
    programmes = dict(lift.by_programme(units, kept, seed=SEED, resamples=resamples))
    return Measurement(
        period, found, balances, tested, conclusions, programmes, Sample.of(units, kept), membership, object()
    )


def exposed(source: Source, period: Period) -> Figures:
    """C1 of the period's movements."""
    moved = touched = 0
    for one in moves(source, period):
        moved, touched = moved + 1, touched + bool(one.touchpoints)
    return {"C1": touched_of(touched, moved)}


def touched_of(touched: int, moved: int) -> Figure:
    """C1: movements that a programme had touched before / movements."""
    return Figure.ratio("C1", touched, moved, n=moved, unit="share", empty="revenue did not move in the period")


def covered(source: Source) -> Figures:
    """C2 of everything that is known."""
    exposure = source.settings.exposure
    known = coverage(source.model.books(), within_days=exposure.window_days, programmes=exposure.programmes)
    return {one.id: one for one in (known.accounts, known.movements._replace(id="C2.movements"))}


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
    shares = Shares(models, fractions)
    for move in moves(source, period):
        shares.add(move)
    return shares.attributed()


class Shares:
    """C6 of some movements: what each model credits every programme with."""

    def __init__(self, models: Sequence[Model], fractions: Mapping[str, Fraction] | None = None) -> None:
        """fractions: what the model `lift` goes by."""
        self._fractions = fractions
        self._given: dict[Model, dict[str, int]] = {model: {} for model in models}
        self._total = self._count = 0

    def add(self, move: "Move") -> None:
        """One movement more, of which expansion alone is shared out."""
        movement, touchpoints = move
        if movement.kind not in EXPANSION:
            return
        self._total, self._count = self._total + movement.cents, self._count + 1
        for model, sums in self._given.items():
            parts = attribution.attribute(movement.cents, touchpoints, model, fractions=self._fractions)
            for programme, cents in attribution.by_programme(parts).items():
                sums[programme] = sums.get(programme, 0) + cents

    def attributed(self) -> list[Attributed]:
        """By each model, in their order."""
        return [
            Attributed(model, dict(sorted(sums.items(), key=lambda one: (-one[1], one[0]))), self._total, self._count)
            for model, sums in self._given.items()
        ]


class Move(NamedTuple):
    """A movement of an entity, as its sheet counts it."""

    movement: Movement
    touchpoints: Sequence[Touchpoint]
    """Of any of the entity's accounts, with the programmes that count, within the days before it."""


def moves(source: Source, period: Period) -> Iterator[Move]:
    """Every movement of a period, apart from changes of a rate."""
    for books in source.model.books():
        yield from moves_of(books, period, source.settings)


def moves_of(books: Sequence[Book], period: Period, settings: ScorecardFile) -> Iterator[Move]:
    """Those of one entity."""
    exposure = settings.exposure
    touched = touchpoints_of(books, exposure.programmes)
    for row in inside(movements_of(books), period, settings.exchange):
        yield Move(row, touches(touched, row.on, exposure.window_days))


def _fractions(found: Measurement) -> dict[str, Fraction]:
    """Of each programme, the share of expansion that its measured lift accounts for."""
    return {name: lift.fraction(one.lifts[Outcome.EXPANSION]) for name, one in found.programmes.items()}


def credited(attributed: Attributed) -> Figure:
    """C6: what programmes are credited with, of all expansion."""
    share = sum(cents for name, cents in attributed.programmes.items() if name not in (UNTOUCHED, BASELINE))
    return Figure.amount("C6", share, n=attributed.movements)
