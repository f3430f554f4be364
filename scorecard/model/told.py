"""The figures as they were last told, for the view v_figures: every metric for tools that read SQL."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from scorecard.catalogue import entry_of
from scorecard.figure import Figure
from scorecard.model.database import Database
from scorecard.model.rows import Cohort
from scorecard.model.tables import day_number, told
from scorecard.model.upsert import among, replace, upsert
from scorecard.period import Period

KEPT_DAYS = 400
"""What was not told again for a year is of no use to anybody."""


class Told:
    """Any number may note figures. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self, period: Period, by: Sequence[str], cohorts: Mapping[Cohort, Iterable[Figure]], newest: float,
        unchanged: Collection[Cohort] = (),
    ) -> None:  # fmt: skip
        """The figures of a period by the dimensions `by` (none: of everybody), in place of those of the same ids.

        newest: arrival of the newest event that is in them, unix seconds. unchanged: cohorts of which what was noted
        stays.
        """
        rows = [_row(period, by, values, one, newest) for values, figures in cohorts.items() for one in figures]
        figures, stay = sorted({row["figure"] for row in rows}), {_named(by, values) for values in unchanged}
        with self._database.reading() as connection:
            known = _known(connection, period, by, figures)
        there = {key: row for key, row in known.items() if key[0] not in stay}
        if there == {(row["cohort"], row["figure"]): _plain(row) for row in rows}:
            return
        gone = sorted({cohort for cohort, _ in there})
        with self._database.writing() as connection:
            of_figures = among(connection, told.c.figure, figures), among(connection, told.c.cohort, gone)
            connection.execute(delete(told).where(_of(period, by), *of_figures))
            connection.execute(delete(told).where(told.c.newest < newest - KEPT_DAYS * 86_400))
            if rows:
                upsert(connection, told, rows, replace)


def _row(period: Period, by: Sequence[str], values: Cohort, one: Figure, newest: float) -> dict[str, Any]:
    one = _whole(one)
    return {
        "first_day": day_number(period.start), "end_day": day_number(period.end), "label": period.label,
        "dimensions": ",".join(by), "cohort": _named(by, values),
        "figure": one.id, "value": _float(one.value), "reason": one.reason, "numerator": _float(one.numerator),
        "denominator": _float(one.denominator), "n": one.n, "unit": one.unit, "low": one.low, "high": one.high,
        "newest": newest,
    }  # fmt: skip


def _whole(one: Figure) -> Figure:
    """Its amounts in whole minor units, as everybody is shown them."""
    amounts = {*entry_of(one.id).figures[one.id].money, *(("value", "numerator") if one.unit == "money" else ())}
    values = {name: getattr(one, name) for name in amounts}
    rounded: dict[str, Any] = {name: None if value is None else round(value) for name, value in values.items()}
    return one._replace(**rounded)


def _named(by: Sequence[str], values: Cohort) -> str:
    return json.dumps(dict(zip(by, values, strict=True)), ensure_ascii=False)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name not in ("newest", "label")}


def _of(period: Period, by: Sequence[str]) -> Any:
    return (
        (told.c.first_day == day_number(period.start))
        & (told.c.end_day == day_number(period.end))
        & (told.c.dimensions == ",".join(by))
    )


def _known(
    connection: Connection, period: Period, by: Sequence[str], figures: Sequence[str]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    query = select(told).where(_of(period, by), among(connection, told.c.figure, figures))
    return {(row["cohort"], row["figure"]): _plain(row) for row in map(dict, connection.execute(query).mappings())}
