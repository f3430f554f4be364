"""The periods whose figures are kept: those that anybody asked for."""

from sqlalchemy import ColumnElement, Connection, func, select

from scorecard.model.keeping import Standing
from scorecard.model.tables import day_number, periods
from scorecard.period import Period


def find(connection: Connection, period: Period, known_at: float | None) -> int | None:
    """The number under which a period is kept, as of what was known at an instant (None: as of what is known)."""
    found = connection.execute(
        select(periods.c.id).where(
            periods.c.first_day == day_number(period.start),
            periods.c.end_day == day_number(period.end),
            _known(known_at),
        )
    )
    number: int | None = found.scalar()
    return number


def add(connection: Connection, period: Period, known_at: float | None) -> Standing:
    """Note that a period is kept, within the transaction that computes it."""
    number = (connection.execute(select(func.max(periods.c.id))).scalar() or 0) + 1
    connection.execute(
        periods.insert().values(
            id=number, label=period.label, first_day=day_number(period.start), end_day=day_number(period.end),
            known_at=known_at,
        )
    )  # fmt: skip
    return Standing(number, period, known_at)


def _known(known_at: float | None) -> ColumnElement[bool]:
    return periods.c.known_at.is_(None) if known_at is None else periods.c.known_at == known_at
