"""C6 of a period: its expansion, shared out by each of the models."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from scorecard import lift
from scorecard.attribution import Model
from scorecard.exposure import traced
from scorecard.family import movements_of
from scorecard.model.mark import Mark
from scorecard.period import Period
from scorecard.report.clg import Measurement, measure
from scorecard.report.source import Source
from scorecard.shares import Share, Shares
from scorecard.sheet import inside
from scorecard.unit import Outcome


class Attributed(NamedTuple):
    """C6: the expansion of a period, shared out by one model."""

    model: Model
    programmes: Mapping[str, int]
    """Minor units; UNTOUCHED and BASELINE among them. They add up to `total`."""
    movements: int
    reason: str | None = None
    """Why nothing is shared out yet (Source.unbegun)."""

    @property
    def total(self) -> int:
        """X1, minor units."""
        return sum(self.programmes.values())


def attribute(
    source: Source, period: Period, models: Sequence[Model], found: Measurement | None = None
) -> list[Attributed]:
    """Share out the expansion of a period (X1) by each of the models; kept (Source.kept), since it takes all accounts.
    What came since then takes only those of whom it is.

    The model `lift` needs the measurement of the same period, which is made where it is not given; by another
    measurement it is shared out otherwise.
    """
    unbegun = source.unbegun(period)
    if unbegun is not None:
        return [Attributed(model, {}, 0, unbegun) for model in models]
    shares = source.kept("shares", period, lambda: Shares.of(_shares(source, period)), _renewed(source, period))
    given = list[Attributed]()
    for model in models:
        sums = (
            shares.by(model) if model is not Model.LIFT else _by_lift(source, found or measure(source, period), shares)
        )
        ordered = dict(sorted(sums.items(), key=lambda one: (-one[1], one[0])))
        given.append(Attributed(model, ordered, shares.movements))
    return given


def _shares(source: Source, period: Period, entities: Collection[int] | None = None) -> Iterator[tuple[int, Share]]:
    """Of all entities, or of some, by number."""
    settings = source.settings
    for number, books in source.model.books(entities):
        rows = inside(movements_of(books), period, settings.exchange)
        yield number, Share.of(traced(books, rows, settings.exposure.exposing))


def _renewed(source: Source, period: Period) -> Callable[[Mark, Shares], Shares]:
    def renew(since: Mark, before: Shares) -> Shares:
        changed = source.model.changed(since)
        if changed is None:
            return Shares.of(_shares(source, period))
        return before.with_(changed, _shares(source, period, changed))

    return renew


def _by_lift(source: Source, found: Measurement, shares: Shares) -> Mapping[str, int]:
    """Of each programme, by the share of expansion that its measured lift accounts for."""
    fractions = {name: lift.fraction(one.study.lifts[Outcome.EXPANSION]) for name, one in found.programmes.items()}
    return source.memo.get(
        ("by lift", found.period[:2]), (shares.stamp, found.stamp), lambda: shares.by_lift(fractions), fresh_s=0.0
    )
