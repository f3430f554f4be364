"""Totals: the sums of entities' tallies, by period, dimension, value and name: what cells are of their sheets."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Integer, cast, func, select

from scorecard.model.cells import Key
from scorecard.model.cohorts import Cohorts
from scorecard.model.figure import Kept
from scorecard.model.rows import Cohort
from scorecard.model.tables import cohort_values, totals
from scorecard.model.terms import COHORTS, EVERYBODY
from scorecard.model.upsert import add, upsert
from scorecard.tally import Tally


class Changes:
    """Differences, gathered until they are written."""

    def __init__(self, connection: Connection, cohorts: Cohorts) -> None:
        self._connection = connection
        self._cohorts = cohorts
        self._changes: dict[Key, dict[str, int]] = {}

    def change(self, period: int, before: Kept, after: Kept) -> None:
        """What is kept of an entity in a period is other than before."""
        self._add(period, before, -1)
        self._add(period, after, 1)

    def _add(self, period: int, of: Kept, sign: int) -> None:
        if not of.tally:
            return
        for dimension, value in (*self._cohorts.places(of.cohort), (COHORTS, str(of.cohort))):
            sums = self._changes.setdefault((period, dimension, value), {})
            for name, count in of.tally.counts.items():
                sums[name] = sums.get(name, 0) + sign * count

    def write(self) -> None:
        """Add them to the totals."""
        rows = [
            {"period": period, "dimension": dimension, "value": value, "name": name, "count": count}
            for (period, dimension, value), sums in sorted(self._changes.items(), key=itemgetter(0))
            for name, count in sorted(sums.items())
            if count
        ]
        upsert(self._connection, totals, rows, add)
        self._changes.clear()


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
    source: Any = totals
    keys: list[Any] = []
    for dimension in by:
        values = cohort_values.alias()
        of_cohort = cast(totals.c.value, Integer) == values.c.cohort
        source = source.join(values, of_cohort & (values.c.dimension == dimension))
        keys.append(values.c.value)
    of_cohorts = totals.c.period == period, totals.c.dimension == COHORTS, totals.c.count != 0
    query = select(*keys, totals.c.name, func.sum(totals.c.count)).select_from(source).where(*of_cohorts)
    return query.group_by(*keys, totals.c.name)
