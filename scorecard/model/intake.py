"""Takes events into the ledger, in one transaction with how far they were read."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import inf
from operator import itemgetter

from sqlalchemy import Connection

from scorecard.book import Book, Change
from scorecard.model import answers, books
from scorecard.model.database import Database
from scorecard.model.keeping import Cause, Touched
from scorecard.model.ledger import EPOCH_ORDINAL, Ledger
from scorecard.model.register import Register
from scorecard.model.rows import Taken
from scorecard.model.tables import day_number
from scorecard.model.terms import Terms
from scorecard.model.upsert import portions
from scorecard.traits import RELATIONS, START, STATEMENTS_MAX, Said
from scoring.days import DAY
from scoring.event import Event
from scoring.subject import is_cohort

AT_HAND = 25
"""Books that are opened, read and packed in turns: so many stay in the processor's cache meanwhile, with what their
events changed, and thousands do not."""

WRITTEN_TOGETHER = 100_000
"""Rows that are written together, some 35 MB. With a few hundred inserting takes a fifth longer or more, although these
are still in the processor's cache: presumably the database's own pages are not, at each statement."""

READ = frozenset({"revenue", "accounts", "advocacy", "cs"})
"""The streams of which a book keeps anything."""

BEGINNING = day_number(date.min)
"""Before every period."""

AFTERWARDS = day_number(date.max) - 1
"""After every period but all days together (EVER)."""

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
        self._accounts: dict[int, list[Cause]] = {}
        self._entities: dict[int, Touched] = {}
        self._known: dict[int, int] = {}
        self.newest = 0.0
        """Arrival of the newest event, unix seconds."""
        self.earliest = inf
        """Of those that changed anything, arrival of the one that arrived first."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """Of accounts that were looked up; they hold once the transaction does."""
        return self._register.found

    def take(self, events: Sequence[Event]) -> Taken:
        """Events of any accounts, in any order."""
        of_accounts: dict[str, list[Event]] = {}
        newest = 0.0
        for event in events:
            newest = max(newest, event.arrived)
            if event.stream in READ:
                of_accounts.setdefault(event.account_id, []).append(event)
        self.newest = newest
        for cohort in [subject for subject in of_accounts if is_cohort(subject)]:
            answers.add(self._connection, of_accounts.pop(cohort))
        numbers = self._register.numbers(of_accounts)

        def holds(event: Event) -> bool:
            return self._ledger.holds(numbers[event.account_id], event)

        # by number, which is where they lie: each page of the books is read and written once
        for some in portions(sorted(numbers.items(), key=itemgetter(1))):
            packed = books.fetch(self._connection, [number for _, number in some])
            written = list[tuple[int, bytes]]()
            for few in portions(some, AT_HAND):
                changed = books.read(books.opened(few, packed), of_accounts, self._terms.rates, holds)
                for number, book, changes in changed:
                    self._note(number, book, changes, None if number in packed else self._begun(book.account_id))
                written += books.packed(changed)
                if self._ledger.waiting >= WRITTEN_TOGETHER:
                    self._ledger.write()
            books.write(self._database, self._connection, written)
        self._ledger.write()
        return self._ledger.taken

    def _note(self, number: int, book: Book, changes: Sequence[tuple[Event, Change]], first: int | None) -> None:
        """What events changed of one account; first: the first day whose figures are others in any case."""
        ledger = self._ledger
        causes, known = list[Cause](), AFTERWARDS
        for event, change in changes:
            _, _, _, touched, _, _, _, said = change
            arrived = event.arrived
            self.earliest = min(self.earliest, arrived)
            ledger.add(number, change, arrived)
            day = None if touched is None else touched.toordinal() - EPOCH_ORDINAL
            if touched is not None and not _moved_before(book, touched):  # whether it ever paid is asked of all days
                known = BEGINNING
            if said:
                ledger.describe(number, said, event)
                known = min(known, *(_since(book, event, name) for name, _ in said))
                described = self._described(book, event, said)
                if day is None or (described is not None and described < day):
                    day = described
            if first is not None:
                day, first = first if day is None else min(first, day), None
            if day is not None:
                causes.append(Cause(day, arrived, event.message_id))
                known = min(known, day)
        if causes:
            self._accounts[number] = causes
        if known < AFTERWARDS:
            self._known[number] = min(known, self._known.get(number, known))

    def _begun(self, account_id: str) -> int:
        """The first day whose figures are others since the account has a book. One that others were merged into before
        that now tells in which cohort all of them are.
        """
        if account_id in self._register.new:
            return AFTERWARDS
        self._register.changed()
        return BEGINNING

    def _described(self, book: Book, event: Event, said: Sequence[Said]) -> int | None:
        """Of some traits other statements are known than before: of cohorts, and perhaps of what an entity is. The
        first day whose figures may be others; None: none are.
        """
        first: int | None = None
        for name, _ in said:
            if name in RELATIONS:
                self._relate(book, event)
            if name == START:
                first = BEGINNING
            elif name in self._dimensions:
                day = _since(book, event, name)
                first = day if first is None else min(first, day)
        return first

    def _relate(self, book: Book, event: Event) -> None:
        """Where an account is now part of another one, the figures of both are others since ever."""
        merged_into, parent = (book.trait(name, ALWAYS) for name in RELATIONS)
        for entity in self._register.relate(book.account_id, merged_into, parent):
            touched = Touched.by([Cause(BEGINNING, event.arrived, event.message_id)])
            self._entities[entity] = touched.with_(self._entities.get(entity))
            self._known[entity] = BEGINNING

    def touched(self) -> dict[int, Touched]:
        """What is to be settled, by entity."""
        found = dict(self._entities)
        entities = self._register.entities(self._accounts)
        for account, causes in self._accounts.items():
            entity = entities[account]
            found[entity] = Touched.by(causes).with_(found.get(entity))
        return found

    @property
    def known(self) -> Mapping[int, int]:
        """Accounts of which other things are known than before, by number, entities that have lost or got members among
        them: the first day of which that may be so. What is counted beside money hangs on all traits.
        """
        return self._known


def _since(book: Book, event: Event, name: str) -> int:
    """The first day on which a trait may be another one, of which an event says something."""
    if name in RELATIONS or name == START:
        return BEGINNING
    # the first statement holds for the time before it as well; with many, another one may now be the first
    statements = book.traits.said[name]
    oldest = statements[0][0] >= event.at or len(statements) >= STATEMENTS_MAX
    return BEGINNING if oldest else int(event.at // DAY)


def _moved_before(book: Book, day: date) -> bool:
    """Whether there was a movement before a day."""
    movements = book.movements
    return bool(movements) and movements[0].on < day


def places(positions: Mapping[str, int]) -> list[dict[str, object]]:
    """The rows of `positions`."""
    return [{"source": source, "next": next_} for source, next_ in positions.items()]
