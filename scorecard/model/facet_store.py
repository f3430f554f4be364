"""The packed facets of accounts, within a transaction that is open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, select

from scorecard.book import Book
from scorecard.facets.facets import Agreed, Facets
from scorecard.fact import EPOCH
from scorecard.fact import EVENTS as REVENUE
from scorecard.model import books
from scorecard.model.facet_tables import facet_books
from scorecard.model.tables import accounts
from scorecard.model.tables import books as book_rows
from scorecard.model.tables import positions as read_to
from scorecard.model.upsert import among, portions, replace, upsert
from scoring.days import DAY, day_of, instant
from scoring.event import Event

ACCOUNTS = 500
"""Read together."""

DAY_MIN, DAY_MAX = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

Member = tuple[Book, Facets]
"""An account of an entity."""


def load(connection: Connection, agreed: Agreed, account_ids: Iterable[str]) -> dict[str, Facets]:
    """The facets of accounts that have any."""
    found: dict[str, Facets] = {}
    for some in portions(list(account_ids)):
        query = select(facet_books).where(among(connection, facet_books.c.account_id, some))
        for account_id, packed in connection.execute(query):
            found[account_id] = Facets.unpack(agreed, _decode(packed))
    return found


def fold(connection: Connection, agreed: Agreed, of_accounts: Mapping[str, Sequence[Event]]) -> int:
    """Take events; the first day, since 1970-01-01, whose figures may be others by them."""
    since = DAY_MAX
    for some in portions(list(of_accounts)):
        found = load(connection, agreed, some)
        rows = []
        for account_id in some:
            facets = found.get(account_id) or Facets(agreed)
            before = facets.begun.start, facets.begun.heard
            for event in of_accounts[account_id]:
                facets.take(event)
                since = min(since, _since(event))
            after = facets.begun.start, facets.begun.heard
            if before != after:  # what can be told of the time since its start is other than it was
                since = min(since, int(min(*before, *after) // DAY))
            rows.append({"account_id": account_id, "packed": _encode(facets.pack())})
        upsert(connection, facet_books, rows, replace)
    return since


def _since(event: Event) -> int:
    """The first day of which an event tells."""
    if event.name not in REVENUE:
        return day_of(event.at)
    if event.properties.get("corrects") is not None:
        return DAY_MIN  # what it corrects may be of any day
    effective = instant(event.properties.get("effective_at"))
    return day_of(event.at if effective is None else min(event.at, effective))


def lags(connection: Connection, positions: Mapping[str, int]) -> bool:
    """Whether the ledger was not taken as far as the facets, of which these are the positions."""
    ledger: dict[str, int] = dict(connection.execute(select(read_to)).all())
    return any(ledger.get(source, next_) < next_ for source, next_ in positions.items())


def families(connection: Connection, agreed: Agreed) -> Iterator[tuple[Sequence[Book], Sequence[Member]]]:
    """Every entity: the books of its accounts, the leading one first, and those of them that have facets."""
    for entities in books.entity_numbers(connection):
        of_entities = books.of_entities(connection, entities)
        for entity, book in _without_books(connection, entities):
            of_entities.setdefault(entity, []).append(book)
        found = load(connection, agreed, (book.account_id for family in of_entities.values() for book in family))
        for family in of_entities.values():
            yield family, [(book, found[book.account_id]) for book in family if book.account_id in found]
    yield from _unknown(connection, agreed)


def _without_books(connection: Connection, entities: Sequence[int]) -> Iterator[tuple[int, Book]]:
    """Accounts of which the ledger has only the number, each with its entity's: others were merged into them, say."""
    for some in portions(entities):
        rows = connection.execute(
            select(accounts.c.entity, accounts.c.account_id)
            .outerjoin(book_rows, book_rows.c.account == accounts.c.id)
            .where(among(connection, accounts.c.entity, some), book_rows.c.account.is_(None))
            .order_by(accounts.c.id)
        )
        for entity, account_id in rows:
            yield entity, Book(account_id)


def _unknown(connection: Connection, agreed: Agreed) -> Iterator[tuple[Sequence[Book], Sequence[Member]]]:
    """Accounts of which the ledger knows nothing, such as those that only ever used the product."""
    after = ""
    query = (
        select(facet_books)
        .where(facet_books.c.account_id.not_in(select(accounts.c.account_id)))
        .order_by(facet_books.c.account_id)
        .limit(ACCOUNTS)
    )
    while rows := connection.execute(query.where(facet_books.c.account_id > after)).all():
        for account_id, packed in rows:
            book = Book(account_id)
            yield [book], [(book, Facets.unpack(agreed, _decode(packed)))]
        after = rows[-1].account_id
