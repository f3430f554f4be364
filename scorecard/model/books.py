"""The packed books of accounts."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import Column, Connection, select

from scorecard import record
from scorecard.book import Book, Change
from scorecard.model.database import Database
from scorecard.model.tables import accounts, books
from scorecard.model.upsert import among, portions
from scorecard.rates import Rates
from scoring.event import Event

ENTITIES = 500
"""Entities whose books are in memory together."""

Read = tuple[int, Book, list[tuple[Event, Change]]]
"""An account's number, its book, and what events changed of it: not those that changed nothing."""


def fetch(connection: Connection, numbers: Iterable[int]) -> dict[int, bytes]:
    """The bytes of the books of accounts that have one, by number."""
    packed: dict[int, bytes] = {}
    for some in portions(list(numbers)):
        packed |= dict(connection.execute(select(books).where(among(connection, books.c.account, some))).all())
    return packed


def opened(accounts_: Iterable[tuple[str, int]], packed: Mapping[int, bytes]) -> list[tuple[int, Book]]:
    """The books of accounts, by number; an empty one where there are no bytes yet."""
    return [
        (number, record.unpack(account_id, packed[number]) if number in packed else Book(account_id))
        for account_id, number in accounts_
    ]


def read(
    opened_: Iterable[tuple[int, Book]], events: Mapping[str, Sequence[Event]], rates: Rates,
    holds: Callable[[Event], bool],
) -> list[Read]:  # fmt: skip
    """What the events of each account did to its book, where they did anything; holds: see Book.take_all."""
    found = ((number, book, book.take_all(events[book.account_id], rates, holds)) for number, book in opened_)
    return [one for one in found if one[2]]


def packed(changed: list[Read]) -> list[tuple[int, bytes]]:
    """The books' bytes, by number. The list is used up: books take far more memory than their bytes."""
    changed.reverse()
    rows = []
    while changed:
        number, book, _ = changed.pop()
        rows.append((number, record.pack(book)))
    return rows


def write(database: Database, connection: Connection, rows: list[tuple[int, bytes]]) -> None:
    """Write the bytes of accounts' books, within the transaction that is open."""
    database.replace(connection, books, rows)


def of_entities(connection: Connection, entities: Iterable[int]) -> dict[int, list[Book]]:
    """The books of all accounts of some entities, for reading (`record.outline`); that of the account which stands for
    the others comes first.
    """
    families: dict[int, list[tuple[bool, str, Book]]] = {}
    for some in portions(list(entities)):
        rows = connection.execute(
            select(accounts.c.entity, accounts.c.id, accounts.c.account_id, books.c.packed)
            .join(books, books.c.account == accounts.c.id)
            .where(among(connection, accounts.c.entity, some))
        )
        for entity, number, account_id, packed in rows:
            book = record.outline(account_id, packed)
            families.setdefault(entity, []).append((number != entity, account_id, book))
    return {entity: [book for *_, book in sorted(family, key=_first)] for entity, family in families.items()}


def outlines(connection: Connection, numbers: Sequence[int]) -> dict[int, Book]:
    """The books of accounts that have one, by number, for reading (`record.outline`)."""
    found: dict[int, Book] = {}
    query = select(accounts.c.id, accounts.c.account_id, books.c.packed).join(books, books.c.account == accounts.c.id)
    for some in portions(numbers):
        for number, account_id, packed in connection.execute(query.where(among(connection, accounts.c.id, some))):
            found[number] = record.outline(account_id, packed)
    return found


def _first(member: tuple[bool, str, Book]) -> tuple[bool, str]:
    return member[:2]


def every(connection: Connection) -> Iterator[tuple[int, list[Book]]]:
    """The books of every entity by its number, for reading, a few entities in memory at a time."""
    for entities in entity_numbers(connection):
        yield from of_entities(connection, entities).items()


def of_some(connection: Connection, entities: Collection[int]) -> Iterator[tuple[int, list[Book]]]:
    """The same of some entities."""
    waiting = iter(sorted(entities))
    while some := list(islice(waiting, ENTITIES)):
        yield from of_entities(connection, some).items()


def entity_numbers(connection: Connection) -> Iterator[list[int]]:
    """Every entity's number, ENTITIES at a time."""
    return _numbers(connection, accounts.c.entity)


def account_numbers(connection: Connection) -> Iterator[list[int]]:
    """Every account's number, ENTITIES at a time."""
    return _numbers(connection, accounts.c.id)


def _numbers(connection: Connection, column: Column[int]) -> Iterator[list[int]]:
    after = 0
    query = select(column).distinct().order_by(column).limit(ENTITIES)
    while found := list(connection.execute(query.where(column > after)).scalars()):
        yield found
        after = found[-1]
