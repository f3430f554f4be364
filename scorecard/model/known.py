"""What was known of entities at an instant: of which accounts they were, what these were, and how they had moved."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter

from sqlalchemy import Connection, Table, select

from scorecard.book import Book
from scorecard.ledger import Balance
from scorecard.model import books
from scorecard.model.figure import Entity, entity_of
from scorecard.model.ledger import net
from scorecard.model.relations import relations
from scorecard.model.tables import accounts, day_of, dealings, issues, postings, spends, touchpoints, traits
from scorecard.model.terms import Terms
from scorecard.model.upsert import among, portions
from scorecard.movement import Kind, Movement
from scorecard.traits import START, Traits, statement

Line = tuple[int, int | None, Movement]
"""Id of a posting, the posting that it reverses, and what it posts."""

LEAVES_ROWS = (postings, traits, touchpoints, spends, dealings, issues)
"""What an account's first event leaves behind is in one of these."""


class Known:
    """Of one transaction: the read model as it was at an instant, from the rows that were there by then."""

    def __init__(self, connection: Connection, terms: Terms, known_at: float) -> None:
        self._connection = connection
        self._known_at = known_at
        self._names = sorted({*terms.dimensions, START})
        """The traits that tell cohorts."""
        self._relations = relations(connection, terms.unit, known_at)
        self._moved = self._later(postings)
        self._described = self._later(traits)

    def every(self) -> Iterator[dict[int, Entity]]:
        """Every entity that there was, by the number of the account that stood for it, some at a time."""
        for numbers in books.account_numbers(self._connection):
            families = {number: self._relations.members(number) for number in numbers}
            yield self._entities({number: members for number, members in families.items() if members})

    def _entities(self, families: Mapping[int, Sequence[int]]) -> dict[int, Entity]:
        found = self._books([account for members in families.values() for account in members])
        several = [number for members in families.values() if len(members) > 1 for number in members]
        late = self._unknown({number: found[number] for number in several if number in found})
        entities = {}
        for number, members in families.items():
            there = [account for account in members if account in found and account not in late]
            there.sort(key=lambda account: (account != number, found[account].account_id))
            if there:
                entities[number] = entity_of([found[account] for account in there])
        return entities

    def _books(self, numbers: Sequence[int]) -> dict[int, Book]:
        """The books of accounts with what was known of them then; those of which nothing came since are as they are."""
        found = books.outlines(self._connection, numbers)
        for number, made in movements_of(self._connection, self._moved & found.keys(), self._known_at).items():
            found[number].revenue.movements = made
            found[number].revenue.balance = Balance.after(made)
        for number, said in self._traits(self._described & found.keys()).items():
            found[number].traits = said
        return found

    def _traits(self, numbers: Collection[int]) -> dict[int, Traits]:
        """Those that tell cohorts, as they were said by then."""
        found = {number: Traits() for number in numbers}
        query = (
            select(traits)
            .where(traits.c.known_at <= self._known_at, traits.c.name.in_(self._names))
            .order_by(traits.c.id)
        )
        for some in portions(sorted(numbers)):
            for row in self._connection.execute(query.where(among(self._connection, traits.c.account, some))):
                found[row.account].note(row.name, statement(row.at, row.message_id, row.value))
        return found

    def _later(self, table: Table) -> set[int]:
        """The accounts that got rows of a table since then."""
        query = select(table.c.account).where(table.c.known_at > self._known_at).distinct()
        return set(self._connection.execute(query).scalars())

    def _unknown(self, found: Mapping[int, Book]) -> set[int]:
        """Those of some accounts of which nothing had come by then: they were no part of anything."""
        unknown = {number for number, book in found.items() if not book.movements and not book.traits.said}
        for table in LEAVES_ROWS:
            query = select(table.c.account).where(table.c.known_at <= self._known_at).distinct()
            for some in portions(sorted(unknown)):
                unknown -= set(
                    self._connection.execute(query.where(among(self._connection, table.c.account, some))).scalars()
                )
        return unknown


def movements_of(connection: Connection, numbers: Collection[int], known_at: float | None) -> dict[int, list[Movement]]:
    """The movements of each of some accounts, by day, as the ledger knew them then; None: as it knows them now."""
    lines: dict[int, list[Line]] = {number: [] for number in numbers}
    query = (
        select(postings, accounts.c.account_id)
        .join(accounts, accounts.c.id == postings.c.account)
        .order_by(postings.c.id)
    )
    if known_at is not None:
        query = query.where(postings.c.known_at <= known_at)
    for some in portions(sorted(numbers)):
        for row in connection.execute(query.where(among(connection, postings.c.account, some))):
            lines[row.account].append((row.id, row.reverses, movement_of(row)))
    return {number: sorted(net(made), key=_on) for number, made in lines.items()}


def movement_of(row: object) -> Movement:
    """The movement of a row of postings that has its account's id beside it."""
    get = row._mapping  # type: ignore[attr-defined]
    return Movement(
        get["account_id"], get["product"], get["subscription_id"], Kind(get["kind"]), day_of(get["day"]),
        get["cents"], get["currency"], get["native"], get["message_id"],
    )  # fmt: skip


_on = attrgetter("on")
