"""The periods whose figures are kept: those that anybody asked for."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select

from scorecard.model.keeping import Standing
from scorecard.model.tables import OF_PERIODS, day_number, day_of, periods, restatements, wishes
from scorecard.period import Period, part_of

ODD_MAX = 50
"""Periods kept that are no week, month, quarter or year, or as of an earlier knowledge: each takes megabytes for a
hundred thousand accounts, and work with every movement. Beyond, the one that was kept first goes, and is computed anew
when somebody asks again.
"""


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
    calendar, period = part_of(period)
    connection.execute(
        periods.insert().values(
            id=number, label=period.label, first_day=day_number(period.start), end_day=day_number(period.end),
            known_at=known_at, calendar=calendar,
        )
    )  # fmt: skip
    return Standing(number, period, known_at)


def check(over: Sequence[Period], known_at: float | None) -> None:
    """ValueError for more odd periods than can be kept together."""
    odd = len(over) if known_at is not None else sum(not part_of(period)[0] for period in over)
    if odd > ODD_MAX:
        raise ValueError(f"{odd} periods that are no week, month, quarter or year; at most {ODD_MAX} at a time")


def forget(connection: Connection) -> None:
    """Let go of what is kept beyond ODD_MAX."""
    odd = or_(periods.c.calendar == "", periods.c.known_at.is_not(None))
    newest = select(periods.c.id).where(odd).order_by(periods.c.id.desc())
    _forget(connection, connection.execute(newest.offset(ODD_MAX)).scalars().all())


def unknow(connection: Connection, earliest: float) -> None:
    """Let go of what is kept as of what was known at an instant, where something came that had arrived by then."""
    outdated = select(periods.c.id).where(periods.c.known_at >= earliest)
    _forget(connection, connection.execute(outdated).scalars().all())


def _forget(connection: Connection, numbers: Sequence[int]) -> None:
    for period in numbers:
        for table in (*OF_PERIODS, restatements):
            connection.execute(delete(table).where(table.c.period == period))
        connection.execute(delete(periods).where(periods.c.id == period))


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


def granted(connection: Connection, period: Period, known_at: float | None) -> None:
    """Nobody waits for a period any more."""
    known = wishes.c.known_at.is_(None) if known_at is None else wishes.c.known_at == known_at
    days = wishes.c.first_day == day_number(period.start), wishes.c.end_day == day_number(period.end)
    connection.execute(delete(wishes).where(*days, known))


def _known(known_at: float | None) -> ColumnElement[bool]:
    return periods.c.known_at.is_(None) if known_at is None else periods.c.known_at == known_at
