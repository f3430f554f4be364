"""The packed facets of accounts, within a transaction that is open."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, func, select

from scorecard.book import Book
from scorecard.facets.facets import Agreed, Facets
from scorecard.fact import EPOCH
from scorecard.fact import EVENTS as REVENUE
from scorecard.model import books
from scorecard.model.facet_tables import facet_books
from scorecard.model.tables import accounts
from scorecard.model.tables import books as book_rows
from scorecard.model.upsert import among, portions, replace, upsert
from scoring.days import DAY, day_of, instant
from scoring.event import Event

DAY_MIN, DAY_MAX = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

LEADERS = accounts.alias("leaders")
"""The accounts that stand for others."""

Member = tuple[Book, Facets]
"""An account of an entity."""

Family = tuple[Sequence[Book], Sequence[Member]]
"""An entity: the books of its accounts, the leading one first, and those of them that have facets."""


def load(connection: Connection, agreed: Agreed, account_ids: Iterable[str]) -> dict[str, Facets]:
    """The facets of accounts that have any."""
    found: dict[str, Facets] = {}
    for some in portions(list(account_ids)):
        query = select(facet_books).where(among(connection, facet_books.c.account_id, some))
        for account_id, packed in connection.execute(query):
            found[account_id] = Facets.unpack(agreed, _decode(packed))
    return found


def fold(connection: Connection, agreed: Agreed, of_accounts: Mapping[str, Sequence[Event]]) -> dict[str, int]:
    """Take events; of each account the first day, since 1970-01-01, whose figures may be others by them."""
    since: dict[str, int] = {}
    for some in portions(list(of_accounts)):
        found = load(connection, agreed, some)
        rows = []
        for account_id in some:
            facets = found.get(account_id) or Facets(agreed)
            since[account_id] = _fold(facets, of_accounts[account_id])
            rows.append({"account_id": account_id, "packed": _encode(facets.pack())})
        upsert(connection, facet_books, rows, replace)
    return since


def _fold(facets: Facets, events: Sequence[Event]) -> int:
    begun = facets.begun
    before = begun.start, begun.heard
    for event in events:
        facets.take(event)
    since = min(_since(event) for event in events)
    after = begun.start, begun.heard
    if before != after:  # what can be told of the time since its start is other than it was
        since = min(since, int(min(*before, *after) // DAY))
    return since


def _since(event: Event) -> int:
    """The first day of which an event tells."""
    if event.name not in REVENUE:
        return day_of(event.at)
    if event.properties.get("corrects") is not None:
        return DAY_MIN  # what it corrects may be of any day
    effective = instant(event.properties.get("effective_at"))
    return day_of(event.at if effective is None else min(event.at, effective))


def leaders(connection: Connection, account_ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    """The accounts that stand for some accounts, and their numbers; without those that the ledger does not know."""
    found: dict[str, tuple[str, int]] = {}
    query = select(accounts.c.account_id, LEADERS.c.account_id, LEADERS.c.id).join(
        LEADERS, LEADERS.c.id == accounts.c.entity
    )
    for some in portions(list(account_ids)):
        rows = connection.execute(query.where(among(connection, accounts.c.account_id, some)))
        found |= {account_id: (leader, number) for account_id, leader, number in rows}
    return found


def families(connection: Connection, agreed: Agreed, account_ids: Iterable[str]) -> dict[str, Family]:
    """The entities for which some accounts stand, as far as any account of theirs has facets; not those of accounts for
    which others stand.
    """
    wanted = list(account_ids)
    known = leaders(connection, wanted)
    numbers = {number: account_id for account_id, (leader, number) in known.items() if leader == account_id}
    of_leaders: dict[str, Sequence[Book]] = {
        numbers[entity]: family for entity, family in members(connection, list(numbers)).items()
    }
    # such as those that only ever used the product
    of_leaders |= {account_id: [Book(account_id)] for account_id in wanted if account_id not in known}
    found = load(connection, agreed, (book.account_id for family in of_leaders.values() for book in family))
    told = {
        leader: (family, [(book, found[book.account_id]) for book in family if book.account_id in found])
        for leader, family in of_leaders.items()
    }
    return {leader: family for leader, family in told.items() if family[1]}


def members(connection: Connection, entities: Sequence[int]) -> dict[int, list[Book]]:
    """The books of all accounts of some entities, by number; the account that stands for the others comes first, unless
    nothing was ever said of it. Books of those of which the ledger has only the number are empty: others were merged
    into them, say.
    """
    found = books.of_entities(connection, entities)
    for some in portions(entities):
        rows = connection.execute(
            select(accounts.c.entity, accounts.c.account_id)
            .outerjoin(book_rows, book_rows.c.account == accounts.c.id)
            .where(among(connection, accounts.c.entity, some), book_rows.c.account.is_(None))
            .order_by(accounts.c.id)
        )
        for entity, account_id in rows:
            found.setdefault(entity, []).append(Book(account_id))
    return found


def firsts(connection: Connection, after: str, limit: int) -> tuple[list[str], str | None]:
    """Of the next accounts with facets after one, those that are the first of their entity: so each entity is come upon
    once. With them the last one that was looked at; None: there is none beyond.
    """
    rows = connection.execute(
        select(facet_books.c.account_id, accounts.c.entity)
        .outerjoin(accounts, accounts.c.account_id == facet_books.c.account_id)
        .where(facet_books.c.account_id > after)
        .order_by(facet_books.c.account_id)
        .limit(limit)
    ).all()
    entities = [entity for _, entity in rows if entity is not None]
    first: dict[int, str] = dict(
        connection.execute(
            select(accounts.c.entity, func.min(facet_books.c.account_id))
            .join(facet_books, facet_books.c.account_id == accounts.c.account_id)
            .where(among(connection, accounts.c.entity, entities))
            .group_by(accounts.c.entity)
        ).all()
    )
    found = [account_id for account_id, entity in rows if entity is None or first[entity] == account_id]
    return found, rows[-1].account_id if len(rows) == limit else None
