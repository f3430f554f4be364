"""The units of a study, made of books: what accounts were when the period began, and what became of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scorecard.book import Book
from scorecard.cohort import MIX, NONE, cohort
from scorecard.exposure import EXPOSING, Exposing, touches
from scorecard.family import movements_of, touchpoints_of
from scorecard.panel import START, Panel
from scorecard.period import Period
from scorecard.placebo import false_period
from scorecard.rates import Rates
from scorecard.sheet import sheet
from scorecard.strata import HEALTH, START_BANDS, TENURE_DAYS, band
from scorecard.unit import Unit, amounts

DIMENSIONS = ("segment", "industry", "product", "tenure", START, "health")
"""What accounts are matched on unless something else is asked for."""
BANDED = frozenset({"tenure", START, "health"})

Entity = tuple[int, Sequence[Book]]
"""Its number, and the books of its accounts, that of the one which stands for it first."""


class Bands(NamedTuple):
    """Where numbers are cut into bands."""

    tenure_days: tuple[float, ...] = TENURE_DAYS
    health: tuple[float, ...] = HEALTH
    start_bands: int = START_BANDS


class Survey(NamedTuple):
    """What is looked at."""

    period: Period
    rates: Rates
    dimensions: Sequence[str] = DIMENSIONS
    """Those that are not BANDED are cohorts (`scorecard.cohort`), as those of `by` are."""
    by: Sequence[str] = ()
    exposing: Exposing = EXPOSING
    bands: Bands = Bands()

    def panel(self, entities: Iterable[Entity], health: Mapping[str, float] | None = None) -> Panel:
        """Looks once at each entity; those that were not active when the period began are no units.

        `health`: of an account, the score that it had when the period began; "(none)" is a stratum of its own.
        """
        return Panel.of(self._units(entities, health or {}), self.bands.start_bands)

    def _units(self, entities: Iterable[Entity], scores: Mapping[str, float]) -> Iterator[Unit]:
        period, within_days = self.period, self.exposing.within_days
        earlier = false_period(period, within_days)
        for number, books in entities:
            movements = movements_of(books)
            page = sheet(movements, period, self.rates)
            if not page.start:
                continue
            touched = touchpoints_of(books, self.exposing.programmes)
            cohorts = {name: cohort(books, name, period) for name in self.by}
            strata = {name: self._cohort(books, name, cohorts) for name in self.dimensions if name not in BANDED}
            tenure = (period.start - movements[0].on).days
            covariates = {"tenure_days": float(tenure)}
            strata["tenure"] = band(tenure, self.bands.tenure_days)
            score = self._health(books, scores)
            strata["health"] = NONE if score is None else band(score, self.bands.health)
            if score is not None:
                covariates["health"] = score
            programmes = frozenset(touch.programme for touch in touches(touched, period.start, within_days))
            crossed = not programmes and bool(touches(touched, period.end, period.days))
            then = sheet(movements, earlier, self.rates)
            usable = then.start and not touches(touched, earlier.end, earlier.days + within_days)
            yield Unit(
                number, amounts(page), strata, programmes, crossed, covariates, amounts(then) if usable else None,
                cohorts,
            )  # fmt: skip

    def _cohort(self, books: Sequence[Book], name: str, cohorts: Mapping[str, str]) -> str:
        same = MIX if name == "product" else name  # of whole accounts it is the mix
        return cohorts[same] if same in cohorts else cohort(books, name, self.period)

    def _health(self, books: Sequence[Book], scores: Mapping[str, float]) -> float | None:
        """Of an entity, by what its accounts paid when the period began; each weighs the same where none paid."""
        known = [book for book in books if book.account_id in scores]
        if not known:
            return None
        worth = [max(0, sheet(book.movements, self.period, self.rates).start) for book in known]
        weights = worth if any(worth) else [1] * len(worth)
        return sum(scores[book.account_id] * weight for book, weight in zip(known, weights, strict=True)) / sum(weights)
