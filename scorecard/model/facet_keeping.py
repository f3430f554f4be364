"""Keeps sums of facets: what an entity adds to a period is made anew when something of it changes, and each sum that it
is part of changes by the difference, as those of money do (see keeping.py).

Making parts reads and waits for nobody; writing them is a moment's work. Between the two others may write: accounts are
marked by whoever changes what is known of them (see facet_backlog.py), and those marks stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from scorecard.facets.facets import Agreed
from scorecard.model import facet_periods, facet_store, facet_sums
from scorecard.model.cohorts import Cohorts
from scorecard.model.facet_names import Names
from scorecard.model.facet_part import Part, Parts
from scorecard.model.facet_periods import Standing
from scorecard.model.facet_sums import Changes, Row, Ways
from scorecard.model.facet_tables import facet_counts
from scorecard.model.upsert import among, portions, replace, upsert

Place = tuple[int, str]
"""Period, and the id of the account that stands for an entity."""

Made = Mapping[Place, Part | None]
"""What entities add from now on; None: nothing, they have no facets, or others stand for them."""


def make(
    connection: Connection, agreed: Agreed, dimensions: Sequence[str], since: Mapping[str, int],
    standing: Sequence[Standing],
) -> Made:  # fmt: skip
    """The parts of the entities of some accounts in every period that ends after the day which is given for each."""
    days = dict(since)
    for account_id, (leader, _) in facet_store.leaders(connection, since).items():
        days[leader] = min(since[account_id], days.get(leader, since[account_id]))
    concerned = {
        leader: periods for leader, day in days.items() if (periods := [one for one in standing if one.end_day > day])
    }
    families = facet_store.families(connection, agreed, concerned)
    made: dict[Place, Part | None] = {}
    for leader, periods in concerned.items():
        family = families.get(leader)
        parts = None if family is None else Parts(agreed, family)
        for one in periods:
            made[one.id, leader] = None if parts is None else parts.of(one.period, one.until, dimensions)
    return made


def write(connection: Connection, dimensions: Sequence[str], made: Made) -> int:
    """Keep parts, and change the sums by the differences, within a transaction that writes; how many have changed."""
    asked = facet_periods.asked_by(connection)
    made = {place: part for place, part in made.items() if place[0] in asked}  # others are no longer kept
    before = _kept(connection, made)
    cohorts, names = Cohorts(connection, dimensions), Names(connection)
    cohorts.load(row.cohort for row in before.values())
    names.learn(name for part in made.values() if part is not None for name in part.counts)
    changes = Changes(Ways(cohorts, dimensions, asked))
    gone, rows = list[dict[str, Any]](), list[dict[str, Any]]()
    for (period, entity), part in made.items():
        old = before.get((period, entity))
        new = None if part is None else _row(part, cohorts, names)
        if old == new:
            continue
        changes.change(period, old, new)
        if new is None:
            gone.append({"of_period": period, "of_entity": entity})
        else:
            rows.append({"period": period, "entity": entity, **new._asdict()})
    if gone:
        where = facet_counts.c.period == bindparam("of_period"), facet_counts.c.entity == bindparam("of_entity")
        connection.execute(delete(facet_counts).where(*where), gone)
    upsert(connection, facet_counts, rows, replace)
    facet_sums.write(connection, changes.sums)
    if gone or rows:
        facet_periods.changed(connection, [*(one["of_period"] for one in gone), *(one["period"] for one in rows)])
    return len(gone) + len(rows)


def _row(part: Part, cohorts: Cohorts, names: Names) -> Row:
    return Row(cohorts.number(part.cohort), int(part.active), part.signs, names.pack(part.counts))


def _kept(connection: Connection, places: Iterable[Place]) -> dict[Place, Row]:
    """What is kept of entities."""
    periods, entities = sorted({period for period, _ in places}), sorted({entity for _, entity in places})
    found: dict[Place, Row] = {}
    of_periods = among(connection, facet_counts.c.period, periods)
    for some in portions(entities):
        query = select(facet_counts).where(of_periods, among(connection, facet_counts.c.entity, some))
        for period, entity, *row in connection.execute(query):
            found[period, entity] = Row._make(row)
    return found
