"""The packed facets of accounts, within a transaction that is open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select

from scorecard.book import Book
from scorecard.facets.facets import Agreed, Facets
from scorecard.model import books
from scorecard.model.facet_tables import facet_books
from scorecard.model.tables import accounts
from scorecard.model.tables import books as book_rows
from scorecard.model.upsert import among, portions, replace, upsert
from scoring.event import Event

ACCOUNTS = 500
"""Read together."""

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


def fold(connection: Connection, agreed: Agreed, of_accounts: Mapping[str, Sequence[Event]]) -> None:
    """Take events."""
    for some in portions(list(of_accounts)):
        found = load(connection, agreed, some)
        rows = []
        for account_id in some:
            facets = found.get(account_id) or Facets(agreed)
            for event in of_accounts[account_id]:
                facets.take(event)
            rows.append({"account_id": account_id, "packed": _encode(facets.pack())})
        upsert(connection, facet_books, rows, replace)


def families(connection: Connection, agreed: Agreed) -> Iterator[tuple[Sequence[Book], Sequence[Member]]]:
    """Every entity: the books of its accounts, the leading one first, and those of them that have facets."""
    for entities in books.entity_numbers(connection):
        of_entities = books.of_entities(connection, entities)
        found = load(connection, agreed, (book.account_id for family in of_entities.values() for book in family))
        for family in of_entities.values():
            yield family, [(book, found[book.account_id]) for book in family if book.account_id in found]
    yield from _without_books(connection, agreed)


def _without_books(connection: Connection, agreed: Agreed) -> Iterator[tuple[Sequence[Book], Sequence[Member]]]:
    """Accounts of which the ledger read nothing, such as those that only ever used the product."""
    after = ""
    with_book = select(accounts.c.account_id).join(book_rows, book_rows.c.account == accounts.c.id)
    query = (
        select(facet_books)
        .where(facet_books.c.account_id.not_in(with_book))
        .order_by(facet_books.c.account_id)
        .limit(ACCOUNTS)
    )
    while rows := connection.execute(query.where(facet_books.c.account_id > after)).all():
        for account_id, packed in rows:
            book = Book(account_id)
            yield [book], [(book, Facets.unpack(agreed, _decode(packed)))]
        after = rows[-1].account_id
