"""What was known of entities at an instant: their movements, from the postings that were there by then."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

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
    known = movements_of(connection, list(families), known_at)
    return {number: Entity(family, known.get(number, ())) for number, family in families.items()}


def movements_of(
    connection: Connection, entities: Sequence[int], known_at: float | None
) -> dict[int, Sequence[Movement]]:
    """The movements of entities that have any, by day, as the ledger knew them then; None: as it knows them now."""
    lines: dict[int, dict[int, list[Line]]] = {}
    query = (
        select(postings, accounts.c.account_id, accounts.c.entity)
        .join(accounts, accounts.c.id == postings.c.account)
        .order_by(postings.c.id)
    )
    if known_at is not None:
        query = query.where(postings.c.known_at <= known_at)
    for some in portions(entities):
        for row in connection.execute(query.where(among(connection, accounts.c.entity, some))):
            of_entity = lines.setdefault(row.entity, {})
            of_entity.setdefault(row.account, []).append((row.id, row.reverses, movement_of(row)))
    return {
        number: together([sorted(net(made), key=_on) for made in of_each.values()]) for number, of_each in lines.items()
    }


def movement_of(row: object) -> Movement:
    """The movement of a row of postings that has its account's id beside it."""
    get = row._mapping  # type: ignore[attr-defined]
    return Movement(
        get["account_id"], get["product"], get["subscription_id"], Kind(get["kind"]), day_of(get["day"]),
        get["cents"], get["currency"], get["native"], get["message_id"],
    )  # fmt: skip


_on = attrgetter("on")
