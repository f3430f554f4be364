"""The units of a study, made of books: what accounts were when the period began, and what became of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from scorecard.book import Book
from scorecard.cohort import MIX, NONE, cohort
from scorecard.exposure import EXPOSING, WITHIN_DAYS, Exposing, touches
from scorecard.family import movements_of, touchpoints_of
from scorecard.membership import Column, Membership
from scorecard.period import Period
from scorecard.placebo import false_period
from scorecard.rates import Rates
from scorecard.sheet import Sheet, sheet
from scorecard.strata import HEALTH, START_BANDS, TENURE_DAYS, band, quantile_cuts
from scorecard.unit import Unit

DIMENSIONS = ("segment", "industry", "product", "tenure", "start", "health")
"""What accounts are matched on unless something else is asked for."""
BANDED = frozenset({"tenure", "start", "health"})


class Bands(NamedTuple):
    """Where numbers are cut into bands."""

    tenure_days: tuple[float, ...] = TENURE_DAYS
    health: tuple[float, ...] = HEALTH
    start_bands: int = START_BANDS


BANDS = Bands()


class Panel(NamedTuple):
    """What a study compares, and what its placebo does."""

    units: list[Unit]
    """Of every entity that was active when the period began."""
    earlier: list[Unit]
    """Of them, over the false period of the placebo: same strata, same exposure, the money of then. Without those that
    were no customers yet, and those that were truly touched early enough to matter for it."""
    membership: Membership
    """The cohorts of `units`."""


def survey(  # noqa: PLR0913 - what there is to choose of a study
    families: Iterable[Sequence[Book]],
    period: Period,
    rates: Rates,
    *,
    dimensions: Sequence[str] = DIMENSIONS,
    by: Sequence[str] = (),
    health: Mapping[str, float] | None = None,
    exposing: Exposing = EXPOSING,
    bands: Bands = BANDS,
) -> Panel:
    """Looks once at the books of each entity, that of the account which it is named for first; in their order.

    `health`: of an entity, the score that it had when the period began; "(none)" is a stratum of its own. Dimensions
    that are not tenure, start or health are cohorts (`scorecard.cohort`), as those of `by` are.
    """
    scores, earlier = health or {}, false_period(period, exposing.within_days)
    found = list[tuple[Unit, dict[str, str], Sheet | None]]()
    cohorts: dict[str, list[str]] = {name: [] for name in by}
    for books in families:
        movements = movements_of(books)
        page = sheet(movements, period, rates)
        if not page.start:
            continue
        entity, touched = books[0].account_id, touchpoints_of(books, exposing.programmes)
        tenure = (period.start - movements[0].on).days
        covariates = {"tenure_days": float(tenure), "start": float(page.start)}
        strata = {name: cohort(books, name, period) for name in dimensions if name not in BANDED}
        for name, values in cohorts.items():
            same = "product" if name == MIX else name  # of whole accounts it is the mix as well
            values.append(strata[same] if same in strata else cohort(books, name, period))
        strata["tenure"] = band(tenure, bands.tenure_days)
        strata["health"] = NONE
        if entity in scores:
            covariates["health"] = scores[entity]
            strata["health"] = band(scores[entity], bands.health)
        programmes = frozenset(touch.programme for touch in touches(touched, period.start, exposing.within_days))
        crossed = bool(touches(touched, period.end, period.days))
        before = sheet(movements, earlier, rates)
        usable = before.start and not touches(touched, earlier.end, earlier.days + exposing.within_days)
        unit = Unit.of(entity, page, programmes, strata, covariates, crossed=crossed)
        found.append((unit, strata, before if usable else None))
    cuts = quantile_cuts([unit.start for unit, _, _ in found], bands.start_bands)
    for unit, strata, _ in found:
        strata["start"] = _size(unit.start, cuts)
    then = [
        Unit.of(unit.entity, before, unit.programmes, strata, unit.covariates)
        for unit, strata, before in found
        if before is not None
    ]
    return Panel([unit for unit, *_ in found], then, {name: Column.of(values) for name, values in cohorts.items()})


def first_needed(period: Period, within_days: int = WITHIN_DAYS) -> Period:
    """All days whose events a study with its placebo looks at, apart from how long somebody has been a customer."""
    start = false_period(period, within_days).start - timedelta(within_days)
    return Period(start, period.end, f"{start}..{period.end}")


def _size(start: int, cuts: Sequence[int]) -> str:
    """ "2 of 4": its place among the bands of starting revenue, the smallest first."""
    return f"{1 + sum(cut <= start for cut in cuts)} of {len(cuts) + 1}"
