"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy keeps apart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

PARAMETERS_MAX = 500
"""Values of an IN: SQLite as old as Python 3.11 may come with allows 999 parameters."""

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


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values, as many at a time as a statement may have."""
    for first in range(0, len(values), PARAMETERS_MAX):
        yield values[first : first + PARAMETERS_MAX]
