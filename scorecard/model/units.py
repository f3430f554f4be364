"""The rows of the lift analysis: entities active at a period's start, and what had touched them by then."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from scorecard.model.figure import WHOLE
from scorecard.model.reading import cohorts_of
from scorecard.model.tables import accounts, day_number, figures, postings, touchpoints
from scorecard.model.upsert import among, portions
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.unit import Unit
from scoring.days import DAY

ENTITIES = 500
"""Read together."""


def units(connection: Connection, number: int, period: Period, exposure_days: int) -> Iterator[Unit]:
    """Of a period that is kept under a number. Strata are the values of all dimensions; the covariate is the tenure."""
    start = day_number(period.start)
    query = (
        select(figures, accounts.c.account_id)
        .join(accounts, accounts.c.id == figures.c.entity)
        .where(figures.c.period == number, figures.c.product == WHOLE, figures.c.start > 0)
        .order_by(figures.c.entity)
        .limit(ENTITIES)
    )
    after = 0
    while rows := connection.execute(query.where(figures.c.entity > after)).all():
        after = rows[-1].entity
        entities = [row.entity for row in rows]
        strata = cohorts_of(connection, {row.cohort for row in rows})
        before = _programmes(connection, entities, (start - exposure_days) * DAY, start * DAY)
        inside = _programmes(connection, entities, start * DAY, day_number(period.end) * DAY)
        since = _since(connection, entities)
        for row in rows:
            sheet = Sheet._make(row[4 : 4 + len(Sheet._fields)])
            covariates = {"tenure_days": float(start - since.get(row.entity, start)), "start": float(sheet.start)}
            yield Unit.of(
                row.account_id, sheet, frozenset(before.get(row.entity, ())), strata[row.cohort], covariates,
                crossed=row.entity in inside,
            )  # fmt: skip


def _programmes(connection: Connection, entities: list[int], first: float, past: float) -> dict[int, set[str]]:
    """The programmes that touched entities in `[first, past)`, unix seconds."""
    found: dict[int, set[str]] = {}
    for some in portions(entities):
        query = (
            select(accounts.c.entity, touchpoints.c.programme)
            .join(accounts, accounts.c.id == touchpoints.c.account)
            .where(among(connection, accounts.c.entity, some), touchpoints.c.at >= first, touchpoints.c.at < past)
            .distinct()
        )
        for entity, programme in connection.execute(query):
            found.setdefault(entity, set()).add(programme)
    return found


def _since(connection: Connection, entities: list[int]) -> dict[int, int]:
    """The days of the first movements of entities."""
    found: dict[int, int] = {}
    undone = postings.alias()
    stands = ~select(undone.c.id).where(undone.c.reverses == postings.c.id).exists()
    for some in portions(entities):
        query = (
            select(accounts.c.entity, func.min(postings.c.day))
            .join(accounts, accounts.c.id == postings.c.account)
            .where(among(connection, accounts.c.entity, some), postings.c.reverses.is_(None), stands)
            .group_by(accounts.c.entity)
        )
        found |= dict(connection.execute(query).all())
    return found
