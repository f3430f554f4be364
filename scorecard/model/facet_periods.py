"""The periods of which sums of facets are kept up, and by which cohorts: those that anybody asked for lately."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, literal, select, update

from scorecard.model import facet_sums as sums
from scorecard.model.asked import ODD_MAX
from scorecard.model.facet_tables import facet_asked, facet_counts, facet_dirty, facet_names, facet_periods, facet_sums
from scorecard.model.rows import Cohort
from scorecard.model.tables import day_number, day_of
from scorecard.model.upsert import among
from scorecard.period import Period, called, part_of

FORGOTTEN = timedelta(days=40)
"""Sums for which nobody asked for so long are not kept up any more."""

HEALTH = "health%"
"""The names of what is counted of scores, in SQL."""


Days = tuple[date, date]
"""The first day of a period, and the one after the last."""


class Asked(NamedTuple):
    """Days, and the dimensions of the cohorts."""

    start: date
    end: date
    by: Cohort

    @property
    def period(self) -> Period:
        """The days by the name that they have, if any."""
        return called(self.start, self.end)


class Standing(NamedTuple):
    """A period that is kept up."""

    id: int
    period: Period
    until: date
    """What is open is judged on this day."""
    built_to: str | None
    """The last account that is in it; None: all are."""

    @property
    def end_day(self) -> int:
        """Since 1970-01-01."""
        return day_number(self.period.end)

    @property
    def days(self) -> tuple[int, int]:
        """The first day, and the one after the last."""
        return day_number(self.period.start), self.end_day


def standing(connection: Connection) -> list[Standing]:
    """All of them, those that are being built too."""
    found = connection.execute(select(facet_periods).order_by(facet_periods.c.id))
    return [
        Standing(row.id, called(day_of(row.first_day), day_of(row.end_day)), day_of(row.until_day), row.built_to)
        for row in found
    ]


def find(connection: Connection, asked: Asked) -> tuple[int, date] | None:
    """The number of a period that is there by these cohorts, and on which day it was judged."""
    if connection.execute(select(facet_asked.c.asked_day).where(_is(facet_asked, asked), _by(asked))).first() is None:
        return None
    of_days = _is(facet_periods, asked), facet_periods.c.built_to.is_(None)
    row = connection.execute(select(facet_periods.c.id, facet_periods.c.until_day).where(*of_days)).first()
    return None if row is None else (row.id, day_of(row.until_day))


def ask(connection: Connection, asked: Asked, today: date, dimensions: Sequence[str]) -> None:
    """Keep a period by these cohorts from now on: one that is there is summed up by them, any other is to be built."""
    there = connection.execute(select(facet_periods.c.id).where(_is(facet_periods, asked))).scalars().all()
    if not there:
        _add(connection, day_number(asked.start), day_number(asked.end), today)
    if connection.execute(select(facet_asked.c.asked_day).where(_is(facet_asked, asked), _by(asked))).first() is None:
        row = {"dimensions": json.dumps(asked.by), "asked_day": day_number(today)}
        days = {"first_day": day_number(asked.start), "end_day": day_number(asked.end)}
        connection.execute(facet_asked.insert().values(**days, **row))
        for period in there:
            sums.make(connection, dimensions, period, asked.by)


def touch(connection: Connection, asked: Asked, today: date) -> None:
    """Somebody asked."""
    where = _is(facet_asked, asked) & _by(asked)
    connection.execute(update(facet_asked).where(where).values(asked_day=day_number(today)))


def asked_on(connection: Connection, asked: Asked) -> date | None:
    """The day on which somebody last asked."""
    day = connection.execute(select(facet_asked.c.asked_day).where(_is(facet_asked, asked), _by(asked))).scalar()
    return None if day is None else day_of(day)


def version(connection: Connection, asked: Asked) -> tuple[int, int] | None:
    """The number of a period that is there, and how often parts of it were written; None: it is not there."""
    where = _is(facet_periods, asked), facet_periods.c.built_to.is_(None)
    row = connection.execute(select(facet_periods.c.id, facet_periods.c.changes).where(*where)).first()
    return None if row is None else (row.id, row.changes)


def changed(connection: Connection, periods: Iterable[int]) -> None:
    """Parts of some periods were written."""
    where = among(connection, facet_periods.c.id, sorted({*periods}))
    connection.execute(update(facet_periods).where(where).values(changes=facet_periods.c.changes + 1))


def asked_by(connection: Connection) -> dict[int, list[Cohort]]:
    """By which cohorts each period is kept, by its number."""
    found: dict[tuple[int, int], list[Cohort]] = {}
    for row in connection.execute(select(facet_asked)):
        found.setdefault((row.first_day, row.end_day), []).append(tuple(json.loads(row.dimensions)))
    return {one.id: found.get(one.days, []) for one in standing(connection)}


def kept(connection: Connection) -> list[Asked]:
    """All that is kept."""
    rows = connection.execute(select(facet_asked).order_by(facet_asked.c.end_day, facet_asked.c.first_day))
    return [_asked(row) for row in rows]


def outdated(kept_up: Sequence[Standing], today: date) -> list[Standing]:
    """Of periods those that run, and were judged on an earlier day than this one; not where another one is being built
    in its place.
    """
    building = {one.days for one in kept_up if one.built_to is not None}
    return [one for one in kept_up if one.days not in building and one.until < min(today, one.period.end)]


def together(kept_up: Sequence[Standing], only: Collection[Days] | None = None) -> list[Standing]:
    """Of the periods that are being built (only: of some days) those that are the least far, and are as far."""
    building = [(one.built_to, one) for one in kept_up if one.built_to is not None]
    wanted = [(reached, one) for reached, one in building if only is None or one.period[:2] in only]
    least = min((reached for reached, _ in wanted), default=None)
    return [one for reached, one in wanted if reached == least]


def turn(connection: Connection, today: date) -> None:
    """A day is over: running periods are to be built anew, and are shown as they are meanwhile."""
    for one in outdated(standing(connection), today):
        _add(connection, *one.days, today)


def built(connection: Connection, one: Standing, reached: str | None) -> None:
    """It is built so far; None: to the end, and it takes the place of the one before, with its scores."""
    where = facet_periods.c.id == one.id
    connection.execute(update(facet_periods).where(where).values(built_to=reached))
    if reached is not None:
        return
    for before in standing(connection):
        if before.period[:2] == one.period[:2] and before.id != one.id:
            _inherit(connection, before.id, one.id)
            _remove(connection, before.id)


def beyond(connection: Connection) -> list[Asked]:
    """What is kept of periods that are no part of the calendar, but for the ODD_MAX that were asked for last."""
    odd = [one for one in standing(connection) if not part_of(one.period)[0]]
    days = {one.period[:2] for one in odd[:-ODD_MAX]}
    return [one for one in kept(connection) if one[:2] in days]


def forget(connection: Connection, today: date) -> int:
    """Let go of what nobody asked for lately, and of what is kept beyond ODD_MAX; how much there was."""
    old = facet_asked.c.asked_day < day_number(today - FORGOTTEN)
    found = [_asked(row) for row in connection.execute(select(facet_asked).where(old))]
    found += [one for one in beyond(connection) if one not in found]
    for asked in found:
        connection.execute(delete(facet_asked).where(_is(facet_asked, asked), _by(asked)))
        ids = connection.execute(select(facet_periods.c.id).where(_is(facet_periods, asked))).scalars().all()
        wanted = connection.execute(select(facet_asked.c.dimensions).where(_is(facet_asked, asked)).limit(1)).first()
        for period in ids:
            if wanted is None:
                _remove(connection, period)
            else:
                of_way = facet_sums.c.period == period, facet_sums.c.dimensions == json.dumps(asked.by)
                connection.execute(delete(facet_sums).where(*of_way))
    return len(found)


def restart(connection: Connection) -> None:
    """Build all of them anew: other things are agreed than when they were built."""
    for table in (facet_counts, facet_sums, facet_dirty):
        connection.execute(delete(table))
    kept_up = standing(connection)
    building = {one.days for one in kept_up if one.built_to is not None}
    for one in kept_up:
        if one.built_to is None and one.days in building:
            connection.execute(delete(facet_periods).where(facet_periods.c.id == one.id))
    connection.execute(update(facet_periods).values(built_to=""))


def _add(connection: Connection, first_day: int, end_day: int, today: date) -> None:
    number = (connection.execute(select(func.max(facet_periods.c.id))).scalar() or 0) + 1
    days = {"first_day": first_day, "end_day": end_day, "until_day": day_number(today)}
    connection.execute(facet_periods.insert().values(id=number, **days, built_to="", changes=0))


def _inherit(connection: Connection, before: int, period: int) -> None:
    """The sums of scores, which are made at a pace of their own."""
    scores = select(facet_names.c.id).where(facet_names.c.name.like(HEALTH))
    others = [column for column in facet_sums.columns if column.name != "period"]
    query = select(literal(period), *others).where(facet_sums.c.period == before, facet_sums.c.name.in_(scores))
    connection.execute(insert(facet_sums).from_select(["period", *(column.name for column in others)], query))


def _remove(connection: Connection, period: int) -> None:
    sums.remove(connection, period)
    connection.execute(delete(facet_periods).where(facet_periods.c.id == period))


def _asked(row: Any) -> Asked:
    return Asked(day_of(row.first_day), day_of(row.end_day), tuple(json.loads(row.dimensions)))


def _is(table: Table, asked: Asked) -> ColumnElement[bool]:
    return (table.c.first_day == day_number(asked.start)) & (table.c.end_day == day_number(asked.end))


def _by(asked: Asked) -> ColumnElement[bool]:
    return facet_asked.c.dimensions == json.dumps(asked.by)


def of(over: Iterable[Period], by: Sequence[str]) -> list[Asked]:
    """Periods by everybody, and by these cohorts."""
    return [Asked(period.start, period.end, way) for period in over for way in dict.fromkeys([(), tuple(by)])]
