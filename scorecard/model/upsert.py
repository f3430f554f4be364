"""What SQLite and PostgreSQL say differently, or SQLAlchemy keeps apart: upserts, and many values at once."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

TOGETHER = 2_000
"""Values that are looked up with one statement: more save nothing, and what they find is in memory together."""

T = TypeVar("T")


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], update: Callable[[Any, Any], Any]
) -> None:
    """Insert rows; where the key is there already, set what `update(column, new column)` says of each other column."""
    if not rows:
        return
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    keys = list(table.primary_key.columns)
    changed = {
        column.name: update(column, insert.excluded[column.name]) for column in table.columns if column not in keys
    }
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def replace(_old: Any, new: Any) -> Any:
    """The new value."""
    return new


def add(old: Any, new: Any) -> Any:
    """The sum of both."""
    return old + new


def among(connection: Connection, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column is one of the values. They are one parameter, however many there are: a parameter for each costs
    more than looking them up.
    """
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))  # type: ignore[no-any-return]
    array = bindparam(None, list(values), type_=postgresql.ARRAY(column.type), unique=True)
    return column == func.any(array)  # type: ignore[no-any-return]


def portions(values: Sequence[T], size: int = TOGETHER) -> Iterator[Sequence[T]]:
    """The values, some at a time: as many as are looked up with one statement, unless told otherwise."""
    for first in range(0, len(values), size):
        yield values[first : first + size]
