"""Which cohort an account is in that may have no revenue: one that is only hoped for, or that stands for ourselves."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from scorecard.cohort import cohort
from scorecard.model import asked, books
from scorecard.model.figure import WHOLE
from scorecard.model.reading import values_of
from scorecard.model.rows import Cohort
from scorecard.model.tables import accounts, figures
from scorecard.model.upsert import among, portions
from scorecard.period import Period


def cohorts_of(
    connection: Connection, account_ids: Collection[str], period: Period, by: Sequence[str]
) -> dict[str, Cohort]:
    """See Model.cohorts_of. Of those without figures in the period the books are read."""
    entities: dict[str, int] = {}
    for some in portions(sorted(account_ids)):
        query = select(accounts.c.account_id, accounts.c.entity).where(among(connection, accounts.c.account_id, some))
        entities |= dict(connection.execute(query).all())
    number, wanted = asked.find(connection, period, None), {*entities.values()}
    kept: dict[int, int] = {}
    for few in portions(sorted(wanted)):
        there = figures.c.period == number, figures.c.product == WHOLE, among(connection, figures.c.entity, few)
        kept |= dict(connection.execute(select(figures.c.entity, figures.c.cohort).where(*there)).all())
    values = values_of(connection, {*kept.values()})
    found = {entity: tuple(values[cohort_][name] for name in by) for entity, cohort_ in kept.items()}
    for few in portions(sorted(wanted - {*kept}), books.ENTITIES):
        for entity, family in books.of_entities(connection, few).items():
            found[entity] = tuple(cohort(family, name, period) for name in by)
    return {account_id: found[entity] for account_id, entity in entities.items()}
