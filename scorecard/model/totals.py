"""Totals: the sums of entities' tallies, by period, dimension, value and name: what cells are of their sheets."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select

from scorecard.model.cells import Key
from scorecard.model.cohorts import Cohorts
from scorecard.model.figure import Kept
from scorecard.model.rows import Cohort
from scorecard.model.tables import cohort_values, counts, totals
from scorecard.model.terms import EVERYBODY
from scorecard.model.upsert import add, upsert
from scorecard.tally import Tally

SUM = func.sum(counts.c.count)


class Changes:
    """Differences, gathered until they are written."""

    def __init__(self, connection: Connection, cohorts: Cohorts) -> None:
        self._connection = connection
        self._cohorts = cohorts
        self._changes: dict[Key, Tally] = {}

    def change(self, period: int, before: Kept, after: Kept) -> None:
        """What is kept of an entity in a period is other than before."""
        for dimension, value in self._cohorts.places(before.cohort):
            key = period, dimension, value
            self._changes[key] = self._changes.get(key, Tally()) - before.tally
        for dimension, value in self._cohorts.places(after.cohort):
            key = period, dimension, value
            self._changes[key] = self._changes.get(key, Tally()) + after.tally

    def write(self) -> None:
        """Add them to the totals."""
        rows = [
            {"period": period, "dimension": dimension, "value": value, "name": name, "count": count}
            for (period, dimension, value), changed in sorted(self._changes.items(), key=lambda one: one[0])
            for name, count in changed.counts.items()
        ]
        upsert(self._connection, totals, rows, add)
        self._changes.clear()


def make(connection: Connection, period: int) -> None:
    """All totals of a period, from its counts; it has none yet."""
    columns = [column.name for column in totals.columns]
    of_period = counts.c.period == period
    values = (literal(period), cohort_values.c.dimension, cohort_values.c.value)
    for query in (
        select(literal(period), literal(EVERYBODY), literal(""), counts.c.name, SUM)
        .where(of_period)
        .group_by(counts.c.name),
        select(*values, counts.c.name, SUM)
        .join_from(counts, cohort_values, cohort_values.c.cohort == counts.c.cohort)
        .where(of_period)
        .group_by(cohort_values.c.dimension, cohort_values.c.value, counts.c.name),
    ):
        connection.execute(insert(totals).from_select(columns, query))


def read(connection: Connection, period: int, by: Sequence[str]) -> dict[Cohort, Tally]:
    """The sums by the dimensions `by`, each of which is kept; those of all zeros are left out."""
    if len(by) < 2:
        (dimension,) = by or (EVERYBODY,)
        of_dimension = totals.c.period == period, totals.c.dimension == dimension, totals.c.count != 0
        query: Any = select(totals.c.value, totals.c.name, totals.c.count).where(*of_dimension)
    else:
        query = _together(period, by)
    found: dict[Cohort, dict[str, int]] = {}
    for *values, name, count in connection.execute(query):
        found.setdefault(tuple(values) if by else (), {})[name] = int(count)
    return {cohort: Tally(named) for cohort, named in found.items()}


def _together(period: int, by: Sequence[str]) -> Any:
    """By several dimensions at once: summed when it is asked for."""
    source: Any = counts
    keys: list[Any] = []
    for dimension in by:
        values = cohort_values.alias()
        source = source.join(values, (values.c.cohort == counts.c.cohort) & (values.c.dimension == dimension))
        keys.append(values.c.value)
    query = select(*keys, counts.c.name, SUM).select_from(source).where(counts.c.period == period)
    return query.group_by(*keys, counts.c.name)
