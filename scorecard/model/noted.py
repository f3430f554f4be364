"""What is noted for those who read SQL, so that they have what everybody else is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, delete, select, true

from scorecard.model.database import Database
from scorecard.model.noted_tables import OF_PERIODS
from scorecard.model.tables import day_number
from scorecard.model.told import KEPT_DAYS
from scorecard.model.upsert import among
from scorecard.period import Period

Row = Mapping[str, Any]


class Noted:
    """Any number may note. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, table: Table, rows: Sequence[Row], period: Period | None = None, *, figure: Sequence[str] | None = None,
        **of: str,
    ) -> None:  # fmt: skip
        """These rows in place of those of the same period (None: of all), of these figures (None: all), and of the same
        other keys; nothing is written where they are the same.

        A row has what the table has, but for the period and the other keys; of a period `newest` is among them.
        """
        keys: dict[str, Any] = {**of}
        if period is not None:
            keys |= {"first_day": day_number(period.start), "end_day": day_number(period.end)}
        whole = [{**keys, **({} if period is None else {"label": period.label}), **row} for row in rows]
        with self._database.reading() as connection:
            here = and_(true(), *(table.c[name] == value for name, value in keys.items()))
            if figure is not None:
                here &= among(connection, table.c.figure, figure)
            there = connection.execute(select(table).where(here)).mappings()
            if _comparable([dict(row) for row in there]) == _comparable(whole):
                return
        with self._database.writing() as connection:
            connection.execute(delete(table).where(here))
            if table in OF_PERIODS and whole:
                oldest = max(row["newest"] for row in whole) - KEPT_DAYS * 86_400
                connection.execute(delete(table).where(table.c.newest < oldest))
            if whole:
                connection.execute(table.insert(), whole)


def _comparable(rows: Sequence[Row]) -> list[str]:
    """Whatever order they are in, and whenever they were noted."""
    return sorted(repr(sorted((name, value) for name, value in row.items() if name != "newest")) for row in rows)
