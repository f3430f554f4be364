"""What a read model must answer, computed anew from all events by the core alone."""

from collections.abc import Iterable, Sequence

from scorecard.book import NOTHING, Book
from scorecard.cohort import MIX, cohort
from scorecard.counted import counted
from scorecard.exposure import covered
from scorecard.family import entity, movements_of
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT, Terms
from scorecard.period import EVER, Period
from scorecard.sheet import Sheet, sheet, sheets_by_product
from scorecard.tally import Tally
from scoring.event import Event

Family = list[Book]


def books_of(events: Iterable[Event], terms: Terms) -> dict[str, Book]:
    """The books of all accounts of which something is known, by id: who was only named has none."""
    books: dict[str, Book] = {}
    for event in events:
        book = books.get(event.account_id, Book(event.account_id))
        if book.take(event, terms.rates) is not NOTHING:
            books[event.account_id] = book
    return books


def families_of(books: dict[str, Book], terms: Terms) -> list[Family]:
    """The entities, each with the account that stands for it first."""
    links: dict[str, dict[str, str]] = {"merged_into": {}, "parent": {}}
    for book in books.values():
        for name, known in links.items():
            value = book.traits.newest(name)
            if value is not None:
                known[book.account_id] = value
    families: dict[str, Family] = {}
    for account_id in sorted(books):
        leader = entity(account_id, links["merged_into"], links["parent"], terms.unit)
        families.setdefault(leader, []).append(books[account_id])
    return [
        sorted(some, key=lambda book: (book.account_id != leader, book.account_id)) for leader, some in families.items()
    ]


def sheets(families: Sequence[Family], period: Period, by: Sequence[str], terms: Terms) -> dict[Cohort, Sheet]:
    """What Model.sheet must answer."""
    found: dict[Cohort, Sheet] = {}
    for books in families:
        rows = movements_of(books)
        whole = sheet(rows, period, terms.rates, terms.catalogue)
        parts = sheets_by_product(rows, period, terms.rates, terms.catalogue)
        for product, one in parts.items() if PRODUCT in by else [("", whole)]:
            key = tuple(
                product if name == PRODUCT else cohort(books, PRODUCT if name == MIX else name, period) for name in by
            )
            found[key] = found.get(key, Sheet()) + one
    return {key: one for key, one in found.items() if any(one)}


def tallies(families: Sequence[Family], period: Period, by: Sequence[str], terms: Terms) -> dict[Cohort, Tally]:
    """What Model.tallies must answer."""
    found: dict[Cohort, Tally] = {}
    for books in families:
        rows = movements_of(books)
        if period == EVER:
            one = covered(books, rows, terms.exposing)
        else:
            one = counted(books, rows, period, terms.rates, terms.exposing)
        key = tuple(cohort(books, name, period) for name in by)
        found[key] = found.get(key, Tally()) + one
    return {key: one for key, one in found.items() if one}
