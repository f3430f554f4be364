"""S3: who opened the scorecard how often."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, Integer, Table, Text, func, select

from scorecard.figure import Figure
from scorecard.model.database import Database
from scorecard.model.tables import METADATA, day_number
from scorecard.model.upsert import add, upsert

READERS_MAX = 500
"""Different readers told of."""

READERS_A_DAY_MAX = 500
"""Different readers noted by name on one day, so that names made up by a script do not fill the database."""

OTHERS = "(others)"
"""In the place of the names of further ones."""

NAME_CHARS_MAX = 80

KEPT_DAYS = 400

uses = Table(
    "uses", METADATA,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("reader", Text, primary_key=True),
    Column("view", Text, primary_key=True),
    Column("openings", Integer, nullable=False),
)  # fmt: skip


class Opened(NamedTuple):
    """How often somebody opened a view."""

    reader: str
    view: str
    openings: int
    days: int
    """Different days."""


class Use:
    """Any number may ask and note. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.writing() as connection:
            METADATA.create_all(connection, (uses,))

    def note(self, reader: str, view: str, on: date) -> None:
        """Somebody opened a view; what is older than KEPT_DAYS goes."""
        day, name = day_number(on), reader[:NAME_CHARS_MAX]
        with self._database.writing() as connection:
            named = set(connection.execute(select(uses.c.reader).distinct().where(uses.c.day == day)).scalars())
            if name not in named and len(named) >= READERS_A_DAY_MAX:
                name = OTHERS
            upsert(connection, uses, [{"day": day, "reader": name, "view": view, "openings": 1}], add)
            connection.execute(uses.delete().where(uses.c.day < day - KEPT_DAYS))

    def told(self, days: int) -> list[Opened]:
        """Who opened what in so many days up to the last opening, the most frequent first; at most READERS_MAX rows."""
        newest: Any = select(func.max(uses.c.day)).scalar_subquery()
        query = (
            select(uses.c.reader, uses.c.view, func.sum(uses.c.openings), func.count())
            .where(uses.c.day > newest - days)
            .group_by(uses.c.reader, uses.c.view)
            .order_by(func.sum(uses.c.openings).desc(), uses.c.reader, uses.c.view)
            .limit(READERS_MAX)
        )
        with self._database.reading() as connection:
            return [
                Opened(reader, view, int(openings), days) for reader, view, openings, days in connection.execute(query)
            ]


def figure(found: list[Opened]) -> Figure:
    """S3: openings; n: readers."""
    return Figure.amount(
        "S3", sum(one.openings for one in found), n=len({one.reader for one in found}), unit="openings"
    )
