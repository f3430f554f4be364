"""What was taken and not yet settled: entities whose figures lag behind."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select

from scorecard.model.keeping import Cause, Touched
from scorecard.model.tables import dirty
from scorecard.model.upsert import among, portions


def size(connection: Connection) -> int:
    """How many entities there are."""
    return connection.execute(select(func.count()).select_from(dirty)).scalar_one()


def add(connection: Connection, touched: Mapping[int, Touched]) -> None:
    """Leave them for later."""
    waiting = _known(connection, touched)
    merged = {entity: touch.with_(waiting.get(entity)) for entity, touch in touched.items()}
    _forget(connection, list(touched))
    rows = [
        {"entity": entity, "day": touch.day, "known_at": newest.known_at, "message_id": newest.message_id,
         "messages": len(touch.causes) + touch.earlier}
        for entity, touch in merged.items() for newest in touch.causes[-1:]
    ]  # fmt: skip
    connection.execute(dirty.insert(), rows)


def take(connection: Connection, limit: int) -> dict[int, Touched]:
    """The next ones, which are no longer waiting."""
    rows = connection.execute(select(dirty).order_by(dirty.c.entity).limit(limit))
    found = {row.entity: _touched(row) for row in rows}
    _forget(connection, list(found))
    return found


def _known(connection: Connection, touched: Mapping[int, Touched]) -> dict[int, Touched]:
    found = {}
    for some in portions(list(touched)):
        for row in connection.execute(select(dirty).where(among(connection, dirty.c.entity, some))):
            found[row.entity] = _touched(row)
    return found


def _touched(row: Any) -> Touched:
    """Of several events the newest is kept, in the place of all."""
    return Touched(row.day, (Cause(row.day, row.known_at, row.message_id),), row.messages - 1)


def _forget(connection: Connection, entities: list[int]) -> None:
    for some in portions(entities):
        connection.execute(delete(dirty).where(among(connection, dirty.c.entity, some)))
