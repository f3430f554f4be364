"""What late data made of figures that were reported: periods before and after, by day of arrival."""

from typing import Any

from sqlalchemy import Connection, func, select

from scorecard.model import cells
from scorecard.model.rows import RestatedPeriod
from scorecard.model.tables import RESTATED, day_number, day_of, periods, restatements
from scorecard.period import Period
from scorecard.sheet import Sheet


def by_arrival(connection: Connection, period: Period | None) -> list[RestatedPeriod]:
    """See Model.restated. Told backwards from the figures of now: what was before each day is what was after it
    without what that day changed.
    """
    where: list[Any] = [periods.c.known_at.is_(None)]
    if period is not None:
        where += [periods.c.first_day == day_number(period.start), periods.c.end_day == day_number(period.end)]
    of = restatements.c
    rows = connection.execute(
        select(
            of.period, periods.c.label, of.came, func.count(of.entity.distinct()).label("entities"),
            func.count(of.message_id.distinct()).label("messages"), func.max(of.id).label("newest"),
            *(func.sum(of[name]).label(name) for name in RESTATED),
        )
        .join(periods, periods.c.id == of.period)
        .where(*where)
        .group_by(of.period, periods.c.label, of.came)
        .order_by(of.came.desc(), of.period.desc())
    ).all()  # fmt: skip
    found, now = list[RestatedPeriod](), dict[int, Sheet]()
    for row in rows:
        after = now[row.period] if row.period in now else _now(connection, row.period)
        before = after - Sheet(**{name: int(row._mapping[name]) for name in RESTATED})
        now[row.period] = before
        message_id = connection.execute(select(of.message_id).where(of.id == row.newest)).scalar_one()
        found.append(RestatedPeriod(row.label, day_of(row.came), row.entities, row.messages, message_id, before, after))
    return found


def _now(connection: Connection, period: int) -> Sheet:
    """What retention is told from, of everybody."""
    whole = cells.read(connection, period, ()).get((), Sheet())
    return Sheet(**{name: getattr(whole, name) for name in RESTATED})
