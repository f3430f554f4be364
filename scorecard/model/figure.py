"""What is kept of an entity in a period."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scorecard.book import Book
from scorecard.cohort import cohort
from scorecard.counted import counted
from scorecard.exposure import covered
from scorecard.family import reclassified
from scorecard.model.cohorts import NO_COHORT, Cohorts
from scorecard.model.terms import Terms
from scorecard.movement import Movement
from scorecard.period import EVER, Period
from scorecard.sheet import Sheet, both
from scorecard.tally import Tally

WHOLE = ""
"""In the place of a product: the whole entity."""

NOTHING = Sheet()


class Kept(NamedTuple):
    """An entity in a period."""

    cohort: int = NO_COHORT
    sheets: Mapping[str, Sheet] = {}
    """By product, and of the whole of it; what is all zeros is left out."""
    tally: Tally = Tally()
    """What is counted beside them."""


NOTHING_KEPT = Kept()


class Entity(NamedTuple):
    """What is kept of an entity is made from these."""

    books: Sequence[Book]
    """Of its accounts; that of the one which stands for the others first."""
    movements: Sequence[Movement]
    """Of all of them together."""


def entity_of(books: Sequence[Book]) -> Entity:
    """As it is known now."""
    return Entity(books, together([book.movements for book in books]))


def together(movements: Sequence[Sequence[Movement]]) -> Sequence[Movement]:
    """The movements of several accounts, each by day, as those of one entity."""
    return movements[0] if len(movements) == 1 else reclassified(one for some in movements for one in some)


def kept(entity: Entity, period: Period, terms: Terms, cohorts: Cohorts) -> Kept:
    """Of an entity in a period; of all days (EVER) on what its exposure rests (C2), and no sheets."""
    if period == EVER:
        return Kept(tally=covered(*entity, terms.exposing))
    whole, parts = both(entity.movements, period, terms.rates, terms.catalogue)
    sheets = {product: one for product, one in {WHOLE: whole, **parts}.items() if any(one)}
    tally = counted(*entity, period, terms.rates, terms.exposing)
    if not sheets and not tally:
        return NOTHING_KEPT
    values = (cohort(entity.books, name, period) for name in terms.dimensions)
    return Kept(cohorts.number(tuple(values)), sheets, tally)
