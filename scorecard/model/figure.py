"""What is kept of an entity in a period."""

from collections.abc import Sequence
from typing import NamedTuple

from scorecard.book import Book
from scorecard.cohort import cohort
from scorecard.family import reclassified
from scorecard.model.cohorts import Cohorts
from scorecard.model.terms import Terms
from scorecard.movement import Movement
from scorecard.period import Period
from scorecard.sheet import Sheet, both

WHOLE = ""
"""In the place of a product: the whole entity."""

NOTHING = Sheet()


class Figure(NamedTuple):
    """The sheet of a product of an entity, or of the whole of it, and the cohort that the entity is in."""

    cohort: int
    sheet: Sheet


Figures = dict[str, Figure]
"""By product; what is all zeros is left out."""


class Entity(NamedTuple):
    """What an entity's figures are made from."""

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


def figures(entity: Entity, period: Period, terms: Terms, cohorts: Cohorts) -> Figures:
    """Of an entity in a period."""
    whole, parts = both(entity.movements, period, terms.rates, terms.catalogue)
    found = {WHOLE: whole, **parts}
    if not any(any(one) for one in found.values()):
        return {}
    values = (cohort(entity.books, name, period) for name in terms.dimensions)
    number = cohorts.number(tuple(values))
    return {product: Figure(number, one) for product, one in found.items() if any(one)}
