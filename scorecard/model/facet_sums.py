"""The sums of what entities add to periods, by the cohorts that somebody asked for: what totals are of tallies."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.model.cohorts import Cohorts
from scorecard.model.facet_names import unpack
from scorecard.model.facet_tables import facet_counts, facet_names, facet_sums
from scorecard.model.rows import Cohort
from scorecard.model.upsert import add, upsert

ROWS = 2_000
"""Entities that are read together: all of a period are many."""

Key = tuple[int, Cohort, Cohort]
"""Period, dimensions, and a value of each."""


class Row(NamedTuple):
    """What is kept of an entity in a period."""

    cohort: int
    active: int
    signs: int
    packed: bytes


class Ways:
    """The sums that entities are part of, by their cohorts of all dimensions."""

    def __init__(self, cohorts: Cohorts, dimensions: Sequence[str], asked: Mapping[int, Iterable[Cohort]]) -> None:
        """dimensions: all that are kept, in their order; asked: of each period, by which of them."""
        place = {name: number for number, name in enumerate(dimensions)}
        self._asked = {period: [(by, [place[name] for name in by]) for by in some] for period, some in asked.items()}
        self._cohorts = cohorts

    def of(self, period: int, cohort: int) -> Iterator[Key]:
        """Those of an entity of a cohort."""
        values = self._cohorts.values(cohort)
        for by, places in self._asked[period]:
            yield period, by, tuple([values[place] for place in places])


class Changes:
    """Differences, gathered until they are written."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self.sums: dict[Key, dict[int, int]] = {}

    def change(self, period: int, before: Row | None, after: Row | None) -> None:
        """What an entity adds to a period is other than before; None: nothing."""
        (old, was), (new, is_) = (
            ({}, None) if row is None else (unpack(row.packed), row.cohort) for row in (before, after)
        )
        if was == is_ and was is not None:
            self.add(period, was, _difference(old, new))
            return
        if was is not None:
            self.add(period, was, {name: -count for name, count in old.items()})
        if is_ is not None:
            self.add(period, is_, new)

    def add(self, period: int, cohort: int, counts: Mapping[int, int]) -> None:
        """So much more of a cohort of all dimensions."""
        for key in self._ways.of(period, cohort):
            sums = self.sums.setdefault(key, {})
            for name, count in counts.items():
                sums[name] = sums.get(name, 0) + count


def write(connection: Connection, sums: Mapping[Key, Mapping[int, int]]) -> None:
    """Add to what is kept."""
    rows = [
        {"period": period, "dimensions": json.dumps(by), "cohort": _text(cohort), "name": name, "count": count}
        for (period, by, cohort), counts in sorted(sums.items())
        for name, count in sorted(counts.items())
        if count
    ]
    upsert(connection, facet_sums, rows, add)


def make(connection: Connection, dimensions: Sequence[str], period: int, by: Cohort) -> None:
    """By other cohorts than before, from what is kept of entities."""
    cohorts = Cohorts(connection, dimensions)
    changes = Changes(Ways(cohorts, dimensions, {period: [by]}))
    for some in rows(connection, period):
        cohorts.load(row.cohort for row in some.values())
        for row in some.values():
            changes.add(period, row.cohort, unpack(row.packed))
    write(connection, changes.sums)


def rows(connection: Connection, period: int) -> Iterator[Mapping[str, Row]]:
    """What is kept of entities in a period, by the ids of the accounts that stand for them, some at a time."""
    after = ""
    query = select(facet_counts).where(facet_counts.c.period == period).order_by(facet_counts.c.entity).limit(ROWS)
    while found := connection.execute(query.where(facet_counts.c.entity > after)).all():
        yield {entity: Row._make(row) for _, entity, *row in found}
        after = found[-1].entity


def active(connection: Connection, period: int) -> Iterator[Sequence[tuple[str, int]]]:
    """The entities that pay in a period, or of which nobody said, each with its cohort, some at a time."""
    after, columns = "", (facet_counts.c.entity, facet_counts.c.cohort)
    where = facet_counts.c.period == period, facet_counts.c.active == 1
    query = select(*columns).where(*where).order_by(facet_counts.c.entity).limit(ROWS)
    while found := connection.execute(query.where(facet_counts.c.entity > after)).all():
        yield [(entity, cohort) for entity, cohort in found]
        after = found[-1].entity


def read(connection: Connection, period: int, by: Cohort) -> dict[Cohort, FacetSheet]:
    """The sums by some dimensions; those of all zeros are left out."""
    query = (
        select(facet_sums.c.cohort, facet_names.c.name, facet_sums.c.count)
        .join(facet_names, facet_names.c.id == facet_sums.c.name)
        .where(facet_sums.c.period == period, facet_sums.c.dimensions == json.dumps(by), facet_sums.c.count != 0)
    )
    found: dict[str, dict[str, int]] = {}
    for cohort, name, count in connection.execute(query):
        found.setdefault(cohort, {})[name] = count
    return {tuple(json.loads(cohort)): FacetSheet(counts) for cohort, counts in found.items()}


def remove(connection: Connection, period: int) -> None:
    """All that is kept of a period."""
    for table in (facet_counts, facet_sums):
        connection.execute(delete(table).where(table.c.period == period))


def _text(cohort: Cohort) -> str:
    return json.dumps(cohort, ensure_ascii=False)


def _difference(old: Mapping[int, int], new: Mapping[int, int]) -> dict[int, int]:
    changed = {name: count - old.get(name, 0) for name, count in new.items()}
    changed |= {name: -count for name, count in old.items() if name not in new}
    return {name: count for name, count in changed.items() if count}
