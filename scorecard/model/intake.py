"""Takes events into the ledger, in one transaction with how far they were read."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from scorecard.book import NOTHING, Book
from scorecard.model import books
from scorecard.model.database import Database
from scorecard.model.keeping import Touched
from scorecard.model.ledger import Ledger
from scorecard.model.register import Register
from scorecard.model.rows import Taken
from scorecard.model.tables import day_number
from scorecard.model.terms import Terms
from scorecard.traits import STATEMENTS_MAX
from scoring.days import DAY
from scoring.event import Event

READ = frozenset({"revenue", "accounts", "advocacy", "cs"})
"""The streams of which a book keeps anything."""

BEGINNING = day_number(date.min)
"""Before every period."""

RELATIONS = ("merged_into", "parent")
"""The traits that make several accounts one entity."""

START = "start_date"
"""The trait by which the cohort of an account's start is told, whatever the period."""

ALWAYS = date.max
"""A trait as of this day is the newest that was said."""


class Intake:
    """Of one transaction."""

    def __init__(self, database: Database, connection: Connection, terms: Terms) -> None:
        self._connection = connection
        self._terms = terms
        self._register = Register(connection, terms.unit)
        self._ledger = Ledger(database, connection)
        self.touched: dict[int, Touched] = {}
        """What is to be settled, by entity."""
        self.newest = 0.0
        """Arrival of the newest event, unix seconds."""

    def take(self, events: Sequence[Event]) -> Taken:
        """Events of any accounts, in any order."""
        of_accounts: dict[str, list[Event]] = {}
        for event in events:
            if event.stream in READ:
                of_accounts.setdefault(event.account_id, []).append(event)
        numbers = self._register.numbers(of_accounts)
        changed: list[tuple[int, Book]] = []
        for account_id, book in books.load(self._connection, numbers).items():
            if self._fold(numbers[account_id], book, of_accounts[account_id]):
                changed.append((numbers[account_id], book))
        books.save(self._connection, changed)
        self.newest = max((event.arrived for event in events), default=0.0)
        return self._ledger.write()

    def _fold(self, number: int, book: Book, events: Sequence[Event]) -> bool:
        """The events of one account; whether they changed its book."""
        found = False
        for event in events:
            change = book.take(event, self._terms.rates)
            if change is NOTHING:
                continue
            found = True
            self._ledger.add(number, change, event.arrived)
            if change.traits:
                self._describe(number, book, event, change.traits)
            if change.touched is not None:
                self._touch(self._register.entity(book.account_id), day_number(change.touched), event.arrived)
        return found

    def _describe(self, number: int, book: Book, event: Event, names: Sequence[str]) -> None:
        """Of some traits other statements are known than before: of cohorts, and perhaps of what an entity is."""
        said = book.traits.said
        stated = {name: _said_by(event, said[name]) for name in names}
        self._ledger.describe(number, {name: value for name, value in stated.items() if value is not None}, event)
        if not set(RELATIONS).isdisjoint(names):
            merged_into, parent = (book.trait(name, ALWAYS) for name in RELATIONS)
            for entity in self._register.relate(book.account_id, merged_into, parent):
                self._touch(entity, BEGINNING, event.arrived)
        entity = self._register.entity(book.account_id)
        if START in names:
            self._touch(entity, BEGINNING, event.arrived)
        for name in set(names).intersection(self._terms.dimensions):
            # the first statement holds for the time before it as well; with many, another one may have become the first
            first = said[name][0][0] >= event.at or len(said[name]) >= STATEMENTS_MAX
            day = BEGINNING if first else int(event.at // DAY)
            self._touch(entity, day, event.arrived)

    def _touch(self, entity: int, day: int, known_at: float) -> None:
        touched = Touched(day, known_at)
        self.touched[entity] = touched.with_(self.touched.get(entity))


def places(positions: Mapping[str, int]) -> list[dict[str, object]]:
    """The rows of `positions`."""
    return [{"source": source, "next": next_} for source, next_ in positions.items()]


def _said_by(event: Event, statements: Sequence[tuple[float, int, str]]) -> str | None:
    """The value of a trait that an event stated; None where so many statements are known that it is not kept."""
    return next((value for at, _, value in statements if at == event.at), None)
