"""Keeps figures: computes a period for every entity once, and then what events change of it.

Sheets and tallies are made by the core (scorecard/sheet.py, scorecard/counted.py), the one place of their formulas.
When those of an entity change, each sum that they are part of changes by the difference: what that costs hangs on the
entity and on the periods that it touches, not on how many entities and movements there are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, func, select

from scorecard.model import books, cells, totals
from scorecard.model.cohorts import Cohorts
from scorecard.model.database import Database
from scorecard.model.figure import NOTHING, NOTHING_KEPT, WHOLE, Entity, Kept, entity_of, kept
from scorecard.model.known import Known
from scorecard.model.tables import RESTATED, counts, day_number, day_of, periods, restatements
from scorecard.model.tables import figures as rows
from scorecard.model.terms import Terms
from scorecard.model.upsert import among, portions
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.tally import Tally
from scoring.days import DAY

Place = tuple[int, int, Kept]
"""Period, entity, and what is kept of it."""

Restatement = tuple[Any, ...]
"""A row of the table, without its number."""


class Standing(NamedTuple):
    """A period that is kept."""

    id: int
    period: Period
    known_at: float | None
    """Kept as of what was known at that instant, which no event changes that arrives later; None: of what is known."""


class Cause(NamedTuple):
    """An event that may have changed figures."""

    day: int
    """Those of periods that end after this day."""
    known_at: float
    """When it became known, unix seconds."""
    message_id: str


CAUSES_MAX = 8
"""Of one entity and transaction, the newest; of all others it is only known how many there are."""


class Touched(NamedTuple):
    """What may have changed of an entity."""

    day: int
    """Figures of periods that end after this day may be others."""
    causes: tuple[Cause, ...]
    """By the time at which they became known, CAUSES_MAX at most."""
    earlier: int = 0
    """How many more there are."""

    @classmethod
    def by(cls, causes: Iterable[Cause], earlier: int = 0) -> "Touched":
        """What some events may have changed, one at least."""
        found = sorted(causes, key=lambda cause: cause.known_at)
        return cls(
            min(cause.day for cause in found), tuple(found[-CAUSES_MAX:]), earlier + max(0, len(found) - CAUSES_MAX)
        )

    def with_(self, other: "Touched | None") -> "Touched":
        """Both together."""
        if other is None:
            return self
        both = Touched.by((*self.causes, *other.causes), self.earlier + other.earlier)
        return both._replace(day=min(self.day, other.day))

    def restating(self, period: Period) -> tuple[Cause, int]:
        """The newest event that changed a period, and how many did (at most: of the earlier ones it is not known)."""
        end = day_number(period.end)
        found = [cause for cause in self.causes if cause.day < end]
        return (found or self.causes)[-1], len(found) + self.earlier

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

    def current(self) -> list[Standing]:
        """Those of what is known now."""
        return [one for one in self.standing() if one.known_at is None]

    def keep(self, standing: Standing) -> None:
        """Compute a period for every entity."""
        counted = totals.Changes(self._connection, self._cohorts)
        for loaded in self._every(standing.known_at):
            made = [(standing.id, number, self._kept(one, standing)) for number, one in loaded.items()]
            for period, _, found in made:
                counted.change(period, NOTHING_KEPT, found)
            self._append(made)
        cells.make(self._connection, standing.id)
        counted.write()

    def settle(self, touched: Mapping[int, Touched]) -> None:
        """Bring what is kept of entities up to date in every period."""
        standing = self.current()
        changes = cells.Changes(self._connection, self._cohorts), totals.Changes(self._connection, self._cohorts)
        restated = list[Restatement]()
        for entities in _portions(list(touched)):
            restated += self._settle({entity: touched[entity] for entity in entities}, standing, changes)
        for of_all in changes:
            of_all.write()
        first = (self._connection.execute(select(func.max(restatements.c.id))).scalar() or 0) + 1
        self._database.append(
            self._connection, restatements, [(number, *row) for number, row in enumerate(restated, first)]
        )

    def _settle(
        self, touched: Mapping[int, Touched], standing: Sequence[Standing],
        changes: tuple[cells.Changes, totals.Changes],
    ) -> Iterator[Restatement]:  # fmt: skip
        """The same for some entities; what it restates."""
        concerned = {number: [one for one in standing if touch.touches(one)] for number, touch in touched.items()}
        concerned = {number: some for number, some in concerned.items() if some}
        if not concerned:
            return
        entities = self._load(list(concerned))
        before = self._stored(list(concerned), sorted({one.id for some in concerned.values() for one in some}))
        gone, made = list[Place](), list[Place]()
        for number, some in concerned.items():
            for one in some:
                old = before.get((one.id, number), NOTHING_KEPT)
                new = self._kept(entities[number], one) if number in entities else NOTHING_KEPT
                if old == new:
                    continue
                for of_all in changes:
                    of_all.change(one.id, old, new)
                gone.append((one.id, number, old))
                made.append((one.id, number, new))
                cause, count = touched[number].restating(one.period)
                if day_number(one.period.end) * DAY <= cause.known_at:
                    changed = (
                        cause.known_at,
                        self._changed(old, new),
                        cause.message_id,
                        count,
                        int(cause.known_at // DAY),
                    )
                    yield one.id, number, *changed, *_difference(old, new)
        self._remove(gone)
        self._append(made)

    def _kept(self, entity: Entity, standing: Standing) -> Kept:
        found = kept(entity, standing.period, self._terms, self._cohorts)
        return found if standing.known_at is None else found._replace(tally=NOTHING_KEPT.tally)

    def _remove(self, gone: Iterable[Place]) -> None:
        """The rows of what was kept."""
        sheets, tallies = list[dict[str, int]](), list[dict[str, int]]()
        for period, number, (_, of_products, tally) in gone:
            place = {"of_period": period, "of_entity": number}
            sheets += [place] if of_products else ()
            tallies += [place] if tally else ()
        for table, places in ((rows, sheets), (counts, tallies)):
            where = table.c.period == bindparam("of_period"), table.c.entity == bindparam("of_entity")
            if places:
                self._connection.execute(delete(table).where(*where), places)

    def _append(self, made: Iterable[Place]) -> None:
        """Rows of what is kept from now on."""
        sheets, tallies = list[tuple[object, ...]](), list[tuple[object, ...]]()
        for period, number, (cohort, of_products, tally) in made:
            sheets += [(period, number, product, cohort, *sheet) for product, sheet in of_products.items()]
            tallies += [(period, number, name, cohort, count) for name, count in tally.counts.items()]
        self._database.append(self._connection, rows, sheets)
        self._database.append(self._connection, counts, tallies)

    def _every(self, known_at: float | None) -> Iterator[dict[int, Entity]]:
        """Every entity, some at a time."""
        if known_at is not None:
            return Known(self._connection, self._terms, known_at).every()
        return map(self._load, books.entity_numbers(self._connection))

    def _load(self, entities: Sequence[int]) -> dict[int, Entity]:
        families = books.of_entities(self._connection, entities)
        return {number: entity_of(family) for number, family in families.items()}

    def _stored(self, entities: Sequence[int], period_ids: Sequence[int]) -> dict[tuple[int, int], Kept]:
        """What is kept, by period and entity."""
        found: dict[tuple[int, int], Kept] = {}
        sheets: dict[tuple[int, int], dict[str, Sheet]] = {}
        tallies: dict[tuple[int, int], dict[str, int]] = {}
        for some in portions(entities):
            for period, entity, product, cohort, *sheet in self._rows(rows, period_ids, some):
                sheets.setdefault((period, entity), {})[product] = Sheet._make(sheet)
                found[period, entity] = NOTHING_KEPT._replace(cohort=cohort)
            for period, entity, name, cohort, count in self._rows(counts, period_ids, some):
                tallies.setdefault((period, entity), {})[name] = count
                found[period, entity] = NOTHING_KEPT._replace(cohort=cohort)
        return {key: Kept(one.cohort, sheets.get(key, {}), Tally(tallies.get(key, {}))) for key, one in found.items()}

    def _rows(self, table: Table, period_ids: Sequence[int], entities: Sequence[int]) -> Iterable[Any]:
        of_periods, of_entities = (
            among(self._connection, column, values)
            for column, values in ((table.c.period, period_ids), (table.c.entity, entities))
        )
        return self._connection.execute(select(table).where(of_periods, of_entities))

    def _changed(self, before: Kept, after: Kept) -> str:
        """As JSON, before and after: fields of the whole entity's sheet, or where only products have others, of theirs;
        what is counted beside them; and the cohorts that it is in.
        """
        changed = _others(WHOLE, before, after)
        if not changed:
            for product in sorted({*before.sheets, *after.sheets}):
                fields = _others(product, before, after)
                changed |= {f"product.{product}.{name}": both for name, both in fields.items()}
        names = sorted({*before.tally.counts, *after.tally.counts})
        told = ((name, before.tally[name], after.tally[name]) for name in names)
        changed |= {f"count.{name}": [was, is_] for name, was, is_ in told if was != is_}
        if NOTHING_KEPT not in (before, after):
            old, new = (self._cohorts.values(of.cohort) for of in (before, after))
            dimensions = zip(self._terms.dimensions, old, new, strict=True)
            changed |= {f"cohort.{name}": [was, is_] for name, was, is_ in dimensions if was != is_}
        return json.dumps(changed, ensure_ascii=False)


def _difference(before: Kept, after: Kept) -> Iterator[int]:
    """Of the whole entity, by RESTATED."""
    old, new = (of.sheets.get(WHOLE, NOTHING) for of in (before, after))
    return (getattr(new, name) - getattr(old, name) for name in RESTATED)


def _portions(entities: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(entities), books.ENTITIES):
        yield entities[first : first + books.ENTITIES]


def _others(product: str, before: Kept, after: Kept) -> dict[str, list[object]]:
    """The fields of a product's sheet, or of the whole entity's, that are others now: before and after."""
    old, new = (of.sheets.get(product, NOTHING) for of in (before, after))
    fields = zip(Sheet._fields, old, new, strict=True)
    return {name: [was, is_] for name, was, is_ in fields if was != is_}
