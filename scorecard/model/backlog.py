"""What was taken and not yet settled: entities whose figures lag behind."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select

from scorecard.model.keeping import Touched
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
    connection.execute(dirty.insert(), [{"entity": entity, **touch._asdict()} for entity, touch in merged.items()])


def take(connection: Connection, limit: int) -> dict[int, Touched]:
    """The next ones, which are no longer waiting."""
    rows = connection.execute(select(dirty).order_by(dirty.c.entity).limit(limit))
    found = {entity: Touched(*touch) for entity, *touch in rows}
    _forget(connection, list(found))
    return found


def _known(connection: Connection, touched: Mapping[int, Touched]) -> dict[int, Touched]:
    found = {}
    for some in portions(list(touched)):
        for entity, *touch in connection.execute(select(dirty).where(among(connection, dirty.c.entity, some))):
            found[entity] = Touched(*touch)
    return found


def _forget(connection: Connection, entities: list[int]) -> None:
    for some in portions(entities):
        connection.execute(delete(dirty).where(among(connection, dirty.c.entity, some)))
