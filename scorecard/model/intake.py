"""Takes events into the ledger, in one transaction with how far they were read."""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import itemgetter

from sqlalchemy import Connection

from scorecard.book import NOTHING, Book
from scorecard.model import answers, books
from scorecard.model.database import Database
from scorecard.model.keeping import Touched
from scorecard.model.ledger import Ledger
from scorecard.model.register import Register
from scorecard.model.rows import Taken
from scorecard.model.tables import day_number
from scorecard.model.terms import Terms
from scorecard.model.upsert import portions
from scorecard.touchpoint import TOUCHPOINT
from scorecard.traits import STATEMENTS_MAX
from scoring.days import DAY
from scoring.event import Event
from scoring.subject import is_cohort

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

    def __init__(self, database: Database, connection: Connection, terms: Terms, numbers: Mapping[str, int]) -> None:
        """numbers: those of accounts that are known without looking."""
        self._database, self._connection = database, connection
        self._terms = terms
        self._dimensions = frozenset(terms.dimensions)
        self._register = Register(database, connection, terms.unit, numbers)
        self._ledger = Ledger(database, connection)
        self._accounts: dict[int, Touched] = {}
        self._entities: dict[int, Touched] = {}
        self.newest = 0.0
        """Arrival of the newest event, unix seconds."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """Of accounts that were looked up; they hold once the transaction does."""
        return self._register.found

    def take(self, events: Sequence[Event]) -> Taken:
        """Events of any accounts, in any order."""
        of_accounts: dict[str, list[Event]] = {}
        for event in events:
            if event.stream in READ:
                of_accounts.setdefault(event.account_id, []).append(event)
        for cohort in [subject for subject in of_accounts if is_cohort(subject)]:
            answers.add(self._connection, of_accounts.pop(cohort))
        numbers = self._register.numbers(of_accounts)
        # by number, which is where they lie: each page of the books is read and written once
        for some in portions(sorted(numbers.items(), key=itemgetter(1))):
            changed: list[tuple[int, Book]] = []
            packed = books.fetch(self._connection, [number for _, number in some])
            for account_id, number in some:
                book = books.opened(account_id, packed.pop(number, None))
                if self._fold(number, book, of_accounts[account_id]):
                    changed.append((number, book))
            books.save(self._database, self._connection, changed)
        self.newest = max((event.arrived for event in events), default=0.0)
        return self._ledger.write()

    def _fold(self, number: int, book: Book, events: Sequence[Event]) -> bool:
        """The events of one account; whether they changed its book."""
        take, add, rates = book.take, self._ledger.add, self._terms.rates
        first: date | None = None
        known_at, changed = 0.0, False
        for event in events:
            if event.name == TOUCHPOINT and book.touches.forgotten(event.at) and self._ledger.holds(number, event):
                continue
            change = take(event, rates)
            if change is NOTHING:
                continue
            changed, arrived = True, event.arrived
            known_at = max(known_at, arrived)
            add(number, change, arrived)
            if change.traits:
                self._describe(number, book, event, change.traits)
            touched = change.touched
            if touched is not None and (first is None or touched < first):
                first = touched
        if first is not None:
            self._touch(number, day_number(first), known_at)
        return changed

    def _describe(self, number: int, book: Book, event: Event, names: Sequence[str]) -> None:
        """Of some traits other statements are known than before: of cohorts, and perhaps of what an entity is."""
        first: int | None = None
        for name in names:
            statements = book.traits.said[name]
            self._ledger.describe(number, name, _said_by(event, statements), event)
            if name in RELATIONS:
                self._relate(book, event)
            if name == START:
                first = BEGINNING
            elif name in self._dimensions:
                # the first statement holds for the time before it as well; with many, another one may now be the first
                oldest = statements[0][0] >= event.at or len(statements) >= STATEMENTS_MAX
                day = BEGINNING if oldest else int(event.at // DAY)
                first = day if first is None else min(first, day)
        if first is not None:
            self._touch(number, first, event.arrived)

    def _relate(self, book: Book, event: Event) -> None:
        """Where an account is now part of another one, the figures of both are others since ever."""
        merged_into, parent = (book.trait(name, ALWAYS) for name in RELATIONS)
        for entity in self._register.relate(book.account_id, merged_into, parent):
            self._entities[entity] = Touched(BEGINNING, event.arrived).with_(self._entities.get(entity))

    def _touch(self, account: int, day: int, known_at: float) -> None:
        self._accounts[account] = Touched(day, known_at).with_(self._accounts.get(account))

    def touched(self) -> dict[int, Touched]:
        """What is to be settled, by entity."""
        found = dict(self._entities)
        entities = self._register.entities(self._accounts)
        for account, touch in self._accounts.items():
            entity = entities[account]
            found[entity] = touch.with_(found.get(entity))
        return found


def places(positions: Mapping[str, int]) -> list[dict[str, object]]:
    """The rows of `positions`."""
    return [{"source": source, "next": next_} for source, next_ in positions.items()]


def _said_by(event: Event, statements: Sequence[tuple[float, int, str]]) -> str | None:
    """The value of a trait that an event stated; None where so many statements are known that it is not kept."""
    for at, _, value in reversed(statements):
        if at == event.at:
            return value
    return None
