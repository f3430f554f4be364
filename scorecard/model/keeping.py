"""Keeps figures: computes a period for every entity once, and then what events change of it.

The sheets are made by the core (scorecard/sheet.py), the one place of their formula. When an entity's sheet changes,
each sum that it is part of changes by the difference: what that costs hangs on the entity and on the periods that it
touches, not on how many entities and movements there are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select

from scorecard.model import books, cells
from scorecard.model.cells import Changes
from scorecard.model.cohorts import Cohorts
from scorecard.model.database import Database
from scorecard.model.figure import NOTHING, WHOLE, Entity, Figure, Figures, entity_of, figures
from scorecard.model.known import as_known
from scorecard.model.tables import day_number, day_of, periods, restatements
from scorecard.model.tables import figures as rows
from scorecard.model.terms import Terms
from scorecard.model.upsert import among, portions
from scorecard.period import Period
from scorecard.sheet import Sheet
from scoring.days import DAY


class Standing(NamedTuple):
    """A period that is kept."""

    id: int
    period: Period
    known_at: float | None
    """Kept as of what was known at that instant; None: as of what is known."""


class Touched(NamedTuple):
    """What may have changed of an entity."""

    day: int
    """Figures of periods that end after this day may be others."""
    known_at: float
    """When the last of it became known, unix seconds."""

    def with_(self, other: "Touched | None") -> "Touched":
        """Both together."""
        if other is None:
            return self
        return Touched(min(self.day, other.day), max(self.known_at, other.known_at))

    def touches(self, standing: Standing) -> bool:
        """Whether figures of a period may be others."""
        return day_number(standing.period.end) > self.day


class Keeper:
    """Of one transaction."""

    def __init__(self, database: Database, connection: Connection, terms: Terms) -> None:
        self._database = database
        self._connection = connection
        self._terms = terms
        self._cohorts = Cohorts(connection, terms.dimensions)

    def standing(self) -> list[Standing]:
        """The periods that are kept."""
        found = self._connection.execute(select(periods))
        return [
            Standing(row.id, Period(day_of(row.first_day), day_of(row.end_day), row.label), row.known_at)
            for row in found
        ]

    def keep(self, standing: Standing) -> None:
        """Compute a period for every entity."""
        for entities in books.entity_numbers(self._connection):
            made: list[tuple[object, ...]] = []
            for number, entity in self._load(entities, standing.known_at).items():
                made += _rows(standing.id, number, figures(entity, standing.period, self._terms, self._cohorts))
            self._database.append(self._connection, rows, made)
        cells.make(self._connection, standing.id)

    def settle(self, touched: Mapping[int, Touched]) -> None:
        """Bring the figures of entities up to date in every period that is kept."""
        standing = self.standing()
        changes = Changes(self._connection, self._cohorts, self._terms.dimensions)
        restated: list[tuple[int, int, float, str]] = []
        for entities in _portions(list(touched)):
            for known_at in dict.fromkeys(one.known_at for one in standing):
                alike = [one for one in standing if one.known_at == known_at]
                restated += self._settle({entity: touched[entity] for entity in entities}, alike, changes)
        changes.write()
        first = (self._connection.execute(select(func.max(restatements.c.id))).scalar() or 0) + 1
        self._database.append(
            self._connection, restatements, [(number, *row) for number, row in enumerate(restated, first)]
        )

    def _settle(
        self, touched: Mapping[int, Touched], standing: Sequence[Standing], changes: Changes
    ) -> Iterator[tuple[int, int, float, str]]:
        """The same for some entities, and for periods of which the same is known; what it restates."""
        concerned = {number: [one for one in standing if touch.touches(one)] for number, touch in touched.items()}
        concerned = {number: some for number, some in concerned.items() if some}
        if not concerned:
            return
        entities = self._load(list(concerned), standing[0].known_at)
        before = self._stored(list(concerned), sorted({one.id for some in concerned.values() for one in some}))
        gone: list[tuple[int, int]] = []
        made: list[tuple[object, ...]] = []
        for number, some in concerned.items():
            for one in some:
                old = before.get((one.id, number), {})
                new = figures(entities[number], one.period, self._terms, self._cohorts) if number in entities else {}
                if old == new:
                    continue
                changes.change(one.id, old, new)
                made += _rows(one.id, number, new)
                if old:
                    gone.append((one.id, number))
                if one.known_at is None and day_number(one.period.end) * DAY <= touched[number].known_at:
                    yield one.id, number, touched[number].known_at, self._changed(old, new)
        for period, number in gone:
            self._connection.execute(delete(rows).where(rows.c.period == period, rows.c.entity == number))
        self._database.append(self._connection, rows, made)

    def _load(self, entities: Sequence[int], known_at: float | None) -> dict[int, Entity]:
        families = books.of_entities(self._connection, entities)
        if known_at is None:
            return {number: entity_of(family) for number, family in families.items()}
        return as_known(self._connection, families, known_at)

    def _stored(self, entities: Sequence[int], period_ids: Sequence[int]) -> dict[tuple[int, int], Figures]:
        """The figures that are kept, by period and entity."""
        found: dict[tuple[int, int], Figures] = {}
        query = select(rows).where(among(self._connection, rows.c.period, period_ids))
        for some in portions(entities):
            for row in self._connection.execute(query.where(among(self._connection, rows.c.entity, some))):
                period, entity, product, cohort, *sheet = row
                found.setdefault((period, entity), {})[product] = Figure(cohort, Sheet._make(sheet))
        return found

    def _changed(self, before: Figures, after: Figures) -> str:
        """As JSON, before and after: fields of the whole entity's sheet, or where only products have others, of theirs,
        and the cohorts that it is in.
        """
        changed = _others(WHOLE, before, after)
        if not changed:
            for product in sorted({*before, *after}):
                fields = _others(product, before, after)
                changed |= {f"product.{product}.{name}": both for name, both in fields.items()}
        if before and after:
            old, new = (self._cohorts.values(next(iter(of.values())).cohort) for of in (before, after))
            dimensions = zip(self._terms.dimensions, old, new, strict=True)
            changed |= {f"cohort.{name}": [was, is_] for name, was, is_ in dimensions if was != is_}
        return json.dumps(changed, ensure_ascii=False)


def _portions(entities: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(entities), books.ENTITIES):
        yield entities[first : first + books.ENTITIES]


def _rows(period: int, entity: int, made: Figures) -> Iterable[tuple[object, ...]]:
    return [(period, entity, product, figure.cohort, *figure.sheet) for product, figure in made.items()]


def _others(product: str, before: Figures, after: Figures) -> dict[str, list[object]]:
    """The fields of a product's sheet, or of the whole entity's, that are others now: before and after."""
    old, new = (of[product].sheet if product in of else NOTHING for of in (before, after))
    fields = zip(Sheet._fields, old, new, strict=True)
    return {name: [was, is_] for name, was, is_ in fields if was != is_}
