"""Cells: the sums of entities' sheets, by period, dimension and value."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select

from scorecard.model.cohorts import Cohorts
from scorecard.model.figure import NOTHING, WHOLE, Kept
from scorecard.model.tables import cells, cohort_values, figures
from scorecard.model.terms import EVERYBODY, PRODUCT
from scorecard.model.upsert import add, upsert
from scorecard.sheet import Sheet

Key = tuple[int, str, str]
"""Period, dimension, value."""

SUMS = [func.sum(figures.c[name]) for name in Sheet._fields]


class Changes:
    """Differences, gathered until they are written."""

    def __init__(self, connection: Connection, cohorts: Cohorts) -> None:
        self._connection = connection
        self._cohorts = cohorts
        self._changes: dict[Key, Sheet] = {}

    def change(self, period: int, before: Kept, after: Kept) -> None:
        """What is kept of an entity in a period is other than before."""
        for key, sheet in self._parts(period, before):
            self._changes[key] = self._changes.get(key, NOTHING) - sheet
        for key, sheet in self._parts(period, after):
            self._changes[key] = self._changes.get(key, NOTHING) + sheet

    def _parts(self, period: int, of: Kept) -> Iterator[tuple[Key, Sheet]]:
        """The cells that an entity is part of, and with what."""
        for product, sheet in of.sheets.items():
            if product != WHOLE:
                yield (period, PRODUCT, product), sheet
                continue
            for dimension, value in self._cohorts.places(of.cohort):
                yield (period, dimension, value), sheet

    def write(self) -> None:
        """Add them to the cells."""
        rows = [
            {"period": period, "dimension": dimension, "value": value, **changed._asdict()}
            for (period, dimension, value), changed in sorted(self._changes.items())
            if any(changed)
        ]
        upsert(self._connection, cells, rows, add)
        self._changes.clear()


def make(connection: Connection, period: int) -> None:
    """All cells of a period, from its figures; it has none yet."""
    columns = [column.name for column in cells.columns]
    of_period = figures.c.period == period
    whole, parts = figures.c.product == WHOLE, figures.c.product != WHOLE
    values = select(literal(period), cohort_values.c.dimension, cohort_values.c.value, *SUMS).join(
        cohort_values, cohort_values.c.cohort == figures.c.cohort
    )
    for query in (
        select(literal(period), literal(EVERYBODY), literal(""), *SUMS)
        .where(of_period, whole)
        .group_by(figures.c.period),
        values.select_from(figures).where(of_period, whole).group_by(cohort_values.c.dimension, cohort_values.c.value),
        select(literal(period), literal(PRODUCT), figures.c.product, *SUMS)
        .where(of_period, parts)
        .group_by(figures.c.product),
    ):
        connection.execute(insert(cells).from_select(columns, query))


def read(connection: Connection, period: int, by: Sequence[str]) -> dict[tuple[str, ...], Sheet]:
    """The sums by the dimensions `by`, each of which is kept; those of all zeros are left out."""
    if len(by) < 2:
        (dimension,) = by or (EVERYBODY,)
        columns = [cells.c[name] for name in Sheet._fields]
        query: Any = select(cells.c.value, *columns).where(cells.c.period == period, cells.c.dimension == dimension)
    else:
        query = _together(period, by)
    width = max(1, len(by))
    found = {tuple(row[:width]): Sheet._make(map(int, row[width:])) for row in connection.execute(query)}
    return {key if by else (): sheet for key, sheet in found.items() if any(sheet)}


def _together(period: int, by: Sequence[str]) -> Any:
    """By several dimensions at once: summed when it is asked for."""
    source: Any = figures
    keys: list[Any] = []
    for name in by:
        if name == PRODUCT:
            keys.append(figures.c.product)
            continue
        values = cohort_values.alias()
        source = source.join(values, (values.c.cohort == figures.c.cohort) & (values.c.dimension == name))
        keys.append(values.c.value)
    parts = figures.c.product != WHOLE if PRODUCT in by else figures.c.product == WHOLE
    return select(*keys, *SUMS).select_from(source).where(figures.c.period == period, parts).group_by(*keys)
