"""What an entity adds to the sums of a period: its facets over these days, with what the ledger knows of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from scorecard.book import Book
from scorecard.cohort import cohort
from scorecard.facets.facet import Known
from scorecard.facets.facets import SEATS_TRAIT, Agreed, Facets, seats
from scorecard.facets.joining import joined, numbers
from scorecard.facets.window import Window
from scorecard.leading import SIGNS
from scorecard.model.facet_store import Family, Member
from scorecard.model.intake import ALWAYS
from scorecard.model.rows import Cohort
from scorecard.period import Period

Signs = Mapping[str, bool | None]
"""L1: by name, whether an entity shows a sign; None where it can't be told."""


class Part(NamedTuple):
    """An entity in a period."""

    cohort: Cohort
    """Its value of every dimension that is kept."""
    active: bool
    """Whether it pays on the last day, or nobody ever said that it does."""
    signs: int
    """See `signs_of`."""
    counts: Mapping[str, int]


class Parts:
    """Of an entity that has facets, over any periods."""

    def __init__(self, agreed: Agreed, family: Family) -> None:
        self._family, self._members = family
        self._leads = self._members[0][0] is self._family[0]
        self._facets: Facets = joined(agreed, [facets for _, facets in self._members], leads=self._leads)
        self._traits = {SEATS_TRAIT, "stage", *agreed.settings.success_plans.expected}

    def of(self, period: Period, until: date, dimensions: Sequence[str]) -> Part:
        """until: the day after the newest that is known of; what is open is judged on it."""
        known = self._known(period, until)
        values = tuple(cohort(self._family, name, period) for name in dimensions)
        counts = self._facets.sheet(period, known, until=until).counts
        return Part(values, known.active, self._signs(period, until, known.active, counts), counts)

    def _signs(self, period: Period, until: date, active: bool, counts: Mapping[str, int]) -> int:
        if not active or not counts:
            return _bits(self._facets.signs(Window.of(period.start, period.end, until)))
        return sum(
            (counts.get(f"sign_told/{name}", 0) | counts.get(f"sign_shown/{name}", 0) << 1) << 2 * place
            for place, name in enumerate(SIGNS.values())
        )

    def _known(self, period: Period, until: date) -> Known:
        """Traits are those of the account that stands for the others; seats add up over those that pay."""
        family = self._family
        traits: dict[str, object] = {name: family[0].trait(name, period.start) for name in self._traits}
        on = min(period.end, until)
        paying = [book for book in family if book.products(on)]
        if len(family) > 1:
            traits[SEATS_TRAIT] = sum(seats(book.trait(SEATS_TRAIT, period.start)) for book in paying or family)
        told = zip(numbers(self._members, leads=self._leads), self._members, strict=True)
        ended = {number for number, member in told if self._has_ended(member, paying)}
        return Known(traits, bool(paying) or not any(book.movements for book in family), ended)

    def _has_ended(self, member: Member, paying: Sequence[Book]) -> bool:
        book = member[0]
        return _merged(book) or bool(book.movements and book not in paying)


@lru_cache(maxsize=256)
def signs_of(bits: int) -> Signs:
    """What a part keeps of signs: two bits for each, whether it can be told, and whether it is shown.

    >>> signs_of(3), signs_of(4)["short_ttv"]
    ({'multi_threaded': True, 'short_ttv': None, 'engaged': None, 'reference': None}, False)
    """
    return {
        name: bool(bits >> 2 * place + 1 & 1) if bits >> 2 * place & 1 else None
        for place, name in enumerate(SIGNS.values())
    }


def _bits(signs: Signs) -> int:
    told = ((place, signs[name]) for place, name in enumerate(SIGNS.values()))
    return sum((1 | shown << 1) << 2 * place for place, shown in told if shown is not None)


def _merged(book: Book) -> bool:
    """Whether an account was merged into another one."""
    return book.trait("merged_into", ALWAYS) not in (None, book.account_id)
