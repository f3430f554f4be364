"""What was known of entities at an instant: their movements, from the postings that were there by then."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from scorecard.book import Book
from scorecard.model.figure import Entity, together
from scorecard.model.ledger import net
from scorecard.model.tables import accounts, day_of, postings
from scorecard.model.upsert import among, portions
from scorecard.movement import Kind, Movement

Line = tuple[int, int | None, Movement]
"""Id of a posting, the posting that it reverses, and what it posts."""


def as_known(connection: Connection, families: Mapping[int, Sequence[Book]], known_at: float) -> dict[int, Entity]:
    """The entities with the movements that were known then. Which accounts they are made of, and in which cohort they
    are, is what is known of it now.
    """
    accounts_ = [book.account_id for family in families.values() for book in family]
    lines: dict[str, list[Line]] = {}
    query = select(postings, accounts.c.account_id).join(accounts, accounts.c.id == postings.c.account)
    for some in portions(accounts_):
        known = query.where(among(connection, accounts.c.account_id, some), postings.c.known_at <= known_at).order_by(
            postings.c.id
        )
        for row in connection.execute(known):
            lines.setdefault(row.account_id, []).append((row.id, row.reverses, movement_of(row)))
    found = {}
    for number, family in families.items():
        of_each = [sorted(net(lines.get(book.account_id, [])), key=lambda one: one.on) for book in family]
        found[number] = Entity(family, together(of_each))
    return found


def movement_of(row: object) -> Movement:
    """The movement of a row of postings that has its account's id beside it."""
    get = row._mapping  # type: ignore[attr-defined]
    return Movement(
        get["account_id"], get["product"], get["subscription_id"], Kind(get["kind"]), day_of(get["day"]),
        get["cents"], get["currency"], get["native"], get["message_id"],
    )  # fmt: skip
