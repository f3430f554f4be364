"""How far the ledger had come when something was made of it, and what came since: of whom, and whether of days that it
looked at.

Rows of the ledger are only ever added, with rising numbers: what is new are those beyond the mark.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from scorecard.model import register
from scorecard.model.tables import accounts, day_number, postings, touchpoints, traits
from scorecard.traits import START, STATEMENTS_MAX
from scoring.days import DAY


class Mark(NamedTuple):
    """Numbers of the last rows, and how often accounts were merged."""

    postings: int
    touchpoints: int
    traits: int
    relations: str
    """See register.changes."""


def now(connection: Connection) -> Mark:
    """Where the ledger ends."""
    posted, marked, described = (_last(connection, table) for table in (postings, touchpoints, traits))
    return Mark(posted, marked, described, register.changes(connection))


def touched(connection: Connection, since: Mark, before: date) -> bool:
    """Whether anything came after the mark that is of a day before `before`, or holds for all days: a merge, a parent,
    a start date, and what makes room for itself among too many statements of one trait.
    """
    day = day_number(before)
    others = traits.alias()
    of_trait = (
        select(func.count())
        .where(others.c.account == traits.c.account, others.c.name == traits.c.name)
        .scalar_subquery()
    )
    wanted: tuple[tuple[Table, int, ColumnElement[bool]], ...] = (
        (postings, since.postings, postings.c.day < day),
        (touchpoints, since.touchpoints, touchpoints.c.at < day * DAY),
        (traits, since.traits, or_(traits.c.at < day * DAY, traits.c.name == START, of_trait > STATEMENTS_MAX)),
    )
    return register.changes(connection) != since.relations or any(
        connection.execute(select(table.c.id).where(table.c.id > last, matters).limit(1)).first() is not None
        for table, last, matters in wanted
    )


def changed(connection: Connection, since: Mark) -> set[int] | None:
    """The entities of whom anything came after the mark; None where others than then may stand for accounts."""
    if register.changes(connection) != since.relations:
        return None
    found = set[int]()
    for table, last in ((postings, since.postings), (touchpoints, since.touchpoints), (traits, since.traits)):
        of_table = select(accounts.c.entity).join(table, table.c.account == accounts.c.id).where(table.c.id > last)
        found.update(connection.execute(of_table.distinct()).scalars())
    return found


def _last(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.max(table.c.id))).scalar() or 0)
