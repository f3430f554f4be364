"""The periods whose figures are kept: those that anybody asked for."""

from sqlalchemy import ColumnElement, Connection, delete, func, select

from scorecard.model.keeping import Standing
from scorecard.model.tables import day_number, day_of, periods, wishes
from scorecard.period import Period, month_of, quarter_of


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
    calendar, period = _calendar(period)
    connection.execute(
        periods.insert().values(
            id=number, label=period.label, first_day=day_number(period.start), end_day=day_number(period.end),
            known_at=known_at, calendar=calendar,
        )
    )  # fmt: skip
    return Standing(number, period, known_at)


def _calendar(period: Period) -> tuple[str, Period]:
    """What part of the calendar the period is, if it is one, and the period by its usual label."""
    year = Period.parse(f"{period.start:%Y}")
    for name, usual in (("month", month_of(period.start)), ("quarter", quarter_of(period.start)), ("year", year)):
        if (usual.start, usual.end) == (period.start, period.end):
            return name, usual
    return "", period


def wish(connection: Connection, period: Period, known_at: float | None) -> None:
    """Ask whoever takes the events to keep a period."""
    number = (connection.execute(select(func.max(wishes.c.id))).scalar() or 0) + 1
    connection.execute(
        wishes.insert().values(
            id=number, label=period.label, first_day=day_number(period.start), end_day=day_number(period.end),
            known_at=known_at,
        )
    )  # fmt: skip


def wished(connection: Connection) -> list[tuple[Period, float | None]]:
    """What was asked for so."""
    rows = connection.execute(select(wishes).order_by(wishes.c.id))
    return [(Period(day_of(row.first_day), day_of(row.end_day), row.label), row.known_at) for row in rows]


def granted(connection: Connection, period: Period) -> None:
    """Nobody waits for a period any more."""
    connection.execute(
        delete(wishes).where(wishes.c.first_day == day_number(period.start), wishes.c.end_day == day_number(period.end))
    )


def _known(known_at: float | None) -> ColumnElement[bool]:
    return periods.c.known_at.is_(None) if known_at is None else periods.c.known_at == known_at
