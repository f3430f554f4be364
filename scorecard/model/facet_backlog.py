"""Accounts of which something came that may change what they add to the sums of facets."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, delete, func, select

from scorecard.model.facet_periods import Standing
from scorecard.model.facet_tables import facet_dirty, facet_periods
from scorecard.model.schema import get, put
from scorecard.model.tables import accounts
from scorecard.model.upsert import among, portions, upsert

SHEETS_TOGETHER = 1_000
"""Sheets that are made together, a quarter of a second: so what comes next need not wait for long."""

ACCOUNTS_TOGETHER = 500
"""Accounts that are looked at together, whatever it is that they touch."""

MARKS = "facets_marks"
"""Note of the read model: how many transactions have marked accounts."""


class Dirty(NamedTuple):
    """An account that waits."""

    account_id: str
    day: int
    """Periods that end after this day, since 1970-01-01, may be others."""
    mark: int
    """Of the transaction that marked it last: one that is marked again is not done."""


def mark(connection: Connection, since: Mapping[str, int]) -> None:
    """By account, the first day of which something is others than it was. Where no period is kept nothing waits."""
    if not since or connection.execute(select(facet_periods.c.id).limit(1)).first() is None:
        return
    number = int(get(connection, MARKS) or 0) + 1
    put(connection, MARKS, str(number))
    rows = [{"account_id": account_id, "day": day, "mark": number} for account_id, day in sorted(since.items())]
    upsert(connection, facet_dirty, rows, _update)


def mark_known(connection: Connection, since: Mapping[int, int]) -> None:
    """The same by the numbers of accounts."""
    if not since or connection.execute(select(facet_periods.c.id).limit(1)).first() is None:
        return
    named: dict[str, int] = {}
    for some in portions(list(since)):
        query = select(accounts.c.account_id, accounts.c.id).where(among(connection, accounts.c.id, some))
        named |= {account_id: since[number] for account_id, number in connection.execute(query)}
    mark(connection, named)


def size(connection: Connection) -> int:
    """How many wait."""
    return connection.execute(select(func.count()).select_from(facet_dirty)).scalar_one()


def some(connection: Connection, standing: Sequence[Standing]) -> Sequence[Dirty]:
    """As many as touch SHEETS_TOGETHER of these periods, and at least one."""
    query = select(facet_dirty).order_by(facet_dirty.c.account_id).limit(ACCOUNTS_TOGETHER)
    found, sheets = [Dirty(*row) for row in connection.execute(query)], 0
    for place, one in enumerate(found):
        sheets += sum(period.end_day > one.day for period in standing)
        if sheets > SHEETS_TOGETHER:
            return found[: max(1, place)]
    return found


def done(connection: Connection, found: Sequence[Dirty]) -> None:
    """They wait no more, but for those that were marked again meanwhile."""
    last = max((one.mark for one in found), default=0)
    for few in portions([one.account_id for one in found]):
        where = among(connection, facet_dirty.c.account_id, few), facet_dirty.c.mark <= last
        connection.execute(delete(facet_dirty).where(*where))


def _update(old: Any, new: Any) -> Any:
    """The earlier day, and the later mark."""
    return case((old < new, old), else_=new) if old.name == "day" else new
