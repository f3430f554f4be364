"""The health score that accounts had when a month began: who was alike before a period is told by it (C4).

Scores are made by the engine, and noted here by whoever feeds the read model: of the first instant (UTC) of each month,
as they were known then. What nobody noted is not known, and is never guessed from later scores.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from scorecard.model.database import Database
from scorecard.model.tables import day_number, day_of, prior_days, prior_scores
from scorecard.model.upsert import among, portions, replace, upsert

AGE_MAX = timedelta(days=31)
"""A period that begins within a month goes by the month's first day. Older scores say too little of its beginning."""


class Prior:
    """Any number may ask, one process may note. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database) -> None:
        """The tables of the read model must be there: make its Model first."""
        self._database = database

    def of(self, day: date, account_ids: Collection[str] | None = None) -> dict[str, float]:
        """The score (0..100) of each of these accounts (None: of all) on the newest day of which all scores are noted,
        `day` or at most AGE_MAX before it. Without the accounts that had none; empty where there is no such day.
        """
        columns = select(prior_scores.c.account_id, prior_scores.c.points)
        with self._database.reading() as connection:
            newest = connection.execute(select(func.max(prior_days.c.day)).where(_near(day))).scalar()
            if newest is None:
                return {}
            of_day = columns.where(prior_scores.c.day == newest)
            if account_ids is None:
                return dict(connection.execute(of_day).all())
            found: dict[str, float] = {}
            for some in portions(list(account_ids)):
                query = of_day.where(among(connection, prior_scores.c.account_id, some))
                found |= dict(connection.execute(query).all())
            return found

    def version(self, day: date) -> int:
        """Grows whenever `of` may say something else of that day than before; 0 where it knows nothing."""
        query = select(func.coalesce(func.sum(prior_days.c.version), 0)).where(_near(day))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def days(self) -> frozenset[date]:
        """Those of which all scores are noted."""
        with self._database.reading() as connection:
            return frozenset(day_of(number) for number in connection.execute(select(prior_days.c.day)).scalars())

    def newest(self) -> date | None:
        """The newest of them; None before the first."""
        return max(self.days(), default=None)

    def note(self, day: date, points: Mapping[str, float]) -> None:
        """Scores (0..100) with which accounts began a day, in place of what was noted of them; many accounts in as many
        calls as one likes. `of` goes by them once `finish` has been told.
        """
        number = day_number(day)
        with self._database.writing() as connection:
            changed = 0
            for some in portions(list(points)):
                there = _noted(connection, number, some)
                rows = [
                    {"day": number, "account_id": account_id, "points": points[account_id]}
                    for account_id in some
                    if there.get(account_id) != points[account_id]
                ]
                upsert(connection, prior_scores, rows, replace)
                changed += len(rows)
            if changed:
                connection.execute(
                    prior_days.update().where(prior_days.c.day == number).values(version=prior_days.c.version + 1)
                )

    def finish(self, day: date) -> None:
        """All scores of a day are noted; who has none then had none."""
        number = day_number(day)
        with self._database.writing() as connection:
            if connection.execute(select(prior_days).where(prior_days.c.day == number)).first() is None:
                connection.execute(prior_days.insert().values(day=number, version=1))


def _near(day: date) -> ColumnElement[bool]:
    """Whether a day is this one, or at most AGE_MAX before."""
    near: Any = prior_days.c.day.between(day_number(day - AGE_MAX), day_number(day))
    return near  # type: ignore[no-any-return]


def _noted(connection: Connection, number: int, account_ids: Collection[str]) -> dict[str, float]:
    query = select(prior_scores.c.account_id, prior_scores.c.points).where(
        prior_scores.c.day == number, among(connection, prior_scores.c.account_id, list(account_ids))
    )
    return dict(connection.execute(query).all())
