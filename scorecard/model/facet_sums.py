"""The sums of facets over cohorts and periods, as they are kept, within a transaction that is open."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.model.facet_tables import facet_sums
from scorecard.model.rows import Cohort
from scorecard.model.tables import day_number, day_of
from scorecard.model.upsert import replace, upsert
from scorecard.period import Period


class Asked(NamedTuple):
    """Days, and the dimensions of the cohorts."""

    start: date
    end: date
    by: Cohort

    @property
    def period(self) -> Period:
        """The days, whatever they are called."""
        return Period(self.start, self.end, f"{self.start}..{self.end}")


class Sums(NamedTuple):
    """What a period comes to by cohort, and the day after the newest that is in it."""

    sheets: Mapping[Cohort, FacetSheet]
    until: date


def find(connection: Connection, asked: Asked) -> Sums | None:
    """The sums as they were last made; None where they never were."""
    row = connection.execute(select(facet_sums).where(_is(asked))).first()
    if row is None:
        return None
    sheets = {tuple(values): FacetSheet(counts) for values, counts in json.loads(row.counts)}
    return Sums(sheets, day_of(row.until_day))


def touch(connection: Connection, asked: Asked, today: date) -> None:
    """Somebody asked."""
    where = _is(asked) & (facet_sums.c.asked_day != day_number(today))
    connection.execute(update(facet_sums).where(where).values(asked_day=day_number(today)))


def put(
    connection: Connection, asked: Asked, until: date, sums: Mapping[Cohort, Mapping[str, int]], stale: bool
) -> None:
    """Keep sums that were just made; `stale` when something came meanwhile."""
    row = {
        "first_day": day_number(asked.start), "end_day": day_number(asked.end), "dimensions": json.dumps(asked.by),
        "until_day": day_number(until), "stale": int(stale), "asked_day": day_number(until),
        "counts": json.dumps([*sums.items()], ensure_ascii=False),
    }  # fmt: skip
    upsert(connection, facet_sums, [row], replace)


def spoil(connection: Connection, since: date = date.min) -> None:
    """Something of a day, or of any, is others than it was: periods that end after it are to be made anew."""
    where = (facet_sums.c.end_day > day_number(since)) & (facet_sums.c.stale == 0)
    connection.execute(update(facet_sums).where(where).values(stale=1))


def kept(connection: Connection) -> list[tuple[Asked, date]]:
    """All that is kept, and the day on which somebody last asked for it."""
    rows: Iterable[Row[Any]] = connection.execute(select(facet_sums).order_by(facet_sums.c.end_day))
    return [(_asked(row), day_of(row.asked_day)) for row in rows]


def outdated(connection: Connection, today: date) -> list[tuple[Asked, date]]:
    """What is to be made anew, and the day on which somebody last asked: something came, or the period still runs and
    a day is over.
    """
    rows: Iterable[Row[Any]] = connection.execute(select(facet_sums))
    now = day_number(today)
    return [(_asked(row), day_of(row.asked_day)) for row in rows if row.stale or row.until_day < min(now, row.end_day)]


def forget(connection: Connection, some: Sequence[Asked]) -> None:
    """Let sums go; they are made anew when somebody asks."""
    for asked in some:
        connection.execute(delete(facet_sums).where(_is(asked)))


def _asked(row: Row[Any]) -> Asked:
    return Asked(day_of(row.first_day), day_of(row.end_day), tuple(json.loads(row.dimensions)))


def _is(asked: Asked) -> ColumnElement[bool]:
    return (
        (facet_sums.c.first_day == day_number(asked.start))
        & (facet_sums.c.end_day == day_number(asked.end))
        & (facet_sums.c.dimensions == json.dumps(asked.by))
    )
