"""Which cohort an account is in that may have no revenue: one that is only hoped for, or that stands for ourselves."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from scorecard.cohort import cohort
from scorecard.model import books
from scorecard.model.rows import Cohort
from scorecard.model.tables import accounts
from scorecard.model.upsert import among, portions
from scorecard.period import Period


def cohorts_of(
    connection: Connection, account_ids: Collection[str], period: Period, by: Sequence[str]
) -> dict[str, Cohort]:
    """See Model.cohorts_of."""
    entities: dict[str, int] = {}
    for some in portions(sorted(account_ids)):
        query = select(accounts.c.account_id, accounts.c.entity).where(among(connection, accounts.c.account_id, some))
        entities |= dict(connection.execute(query).all())
    found: dict[int, Cohort] = {}
    for few in portions(sorted({*entities.values()}), books.ENTITIES):
        for number, family in books.of_entities(connection, few).items():
            found[number] = tuple(cohort(family, name, period) for name in by)
    return {account_id: found[number] for account_id, number in entities.items()}
