"""C3 to C6: how those that customer-led growth touched fared beside comparable others, and what it is credited with."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard import attribution, lift, panel
from scorecard.attribution import Model
from scorecard.balance import Balance, balance
from scorecard.bootstrap import RESAMPLES
from scorecard.exposure import Move, traced
from scorecard.family import movements_of
from scorecard.lift import Study, study
from scorecard.membership import Membership
from scorecard.movement import EXPANSION
from scorecard.period import Period
from scorecard.placebo import Placebo, placebo
from scorecard.report.source import Source
from scorecard.sample import Sample
from scorecard.sheet import inside
from scorecard.strata import SHARE_MIN, Arm, arms
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
    if source.unbegun(period) is not None:  # not kept: it begins without anything coming that the lift hangs on
        return _measure(source, period)
    return source.kept("lift", period, lambda: _measure(source, period))


def _measure(source: Source, period: Period, resamples: int = RESAMPLES) -> Measurement:
    settings, rates = source.settings, source.settings.exchange
    unbegun = source.unbegun(period)
    units, earlier, membership = panel.survey(
        source.model.books() if unbegun is None else (),
        period,
        rates,
        dimensions=MATCHED_ON,
        by=source.model.dimensions,
        exposing=settings.exposure.exposing,
    )
    found = study(units, MATCHED_ON, seed=SEED, resamples=resamples, share_min=SHARE_MIN)
    if unbegun is not None:
        found = found.without(unbegun)
    kept = found.matching.dimensions  # what the whole is matched on, the parts and the placebo are as well
    balances = balance(units, found)
    tested = placebo(earlier, kept, seed=SEED, resamples=resamples)
    conclusions = {outcome: conclude(one, found, balances, tested) for outcome, one in found.lifts.items()}
    programmes = dict(lift.by_programme(units, kept, seed=SEED, resamples=resamples))
    return Measurement(
        period, found, balances, tested, conclusions, programmes, Sample.of(units, kept), membership, object()
    )


class Attributed(NamedTuple):
    """C6: the expansion of a period, shared out by one model."""

    model: Model
    programmes: Mapping[str, int]
    """Minor units; UNTOUCHED and BASELINE among them. They add up to `total`."""
    total: int
    movements: int
    reason: str | None = None
    """Why nothing is shared out yet (Source.unbegun)."""


def attribute(
    source: Source, period: Period, models: Sequence[Model], found: Measurement | None = None
) -> list[Attributed]:
    """Share out the expansion of a period (X1) by each of the models; kept (Source.kept), since it takes all accounts.

    The model `lift` needs the measurement of the same period, which is made where it is not given; by another
    measurement it is shared out otherwise.
    """
    unbegun = source.unbegun(period)
    if unbegun is not None:
        return [Attributed(model, {}, 0, 0, unbegun) for model in models]
    by = (found or measure(source, period)) if Model.LIFT in models else None
    name = "attribution", tuple(models), None if by is None else by.stamp
    return source.kept(name, period, lambda: _attribute(source, period, models, by))


def _attribute(source: Source, period: Period, models: Sequence[Model], by: Measurement | None) -> list[Attributed]:
    fractions = None if by is None else _fractions(by)
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
