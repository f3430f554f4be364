"""What may be asked beside the sheets: movements, members of cohorts, restatements, issues; a page at a time."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from scorecard.exposure import touches
from scorecard.model.figure import WHOLE
from scorecard.model.known import movement_of
from scorecard.model.pages import cursor, limited, page
from scorecard.model.rows import Itemised, Member, Moved, Page, Restated
from scorecard.model.tables import (
    accounts,
    cohort_values,
    day_number,
    day_of,
    dealings,
    figures,
    issues,
    periods,
    postings,
    restatements,
    spends,
    touchpoints,
)  # fmt: skip
from scorecard.model.terms import PRODUCT
from scorecard.model.upsert import among, portions
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.spend import Dealing, Spend
from scorecard.touchpoint import Touchpoint
from scoring.days import DAY

LEADERS = accounts.alias("leaders")
"""The accounts that stand for others."""


class Wanted(NamedTuple):
    """Which movements are asked for; see Model.movements."""

    period: Period | None
    account_id: str | None
    kinds: Sequence[Kind]
    known_at: float | None

    def conditions(self) -> list[Any]:
        """In SQL."""
        undone = postings.alias()
        reversal = select(undone.c.id).where(undone.c.reverses == postings.c.id)
        where: list[Any] = [postings.c.reverses.is_(None)]
        if self.known_at is not None:
            where.append(postings.c.known_at <= self.known_at)
            reversal = reversal.where(undone.c.known_at <= self.known_at)
        where.append(~reversal.exists())
        if self.period is not None:
            where.append(postings.c.day >= day_number(self.period.start))
            where.append(postings.c.day < day_number(self.period.end))
        if self.kinds:
            where.append(postings.c.kind.in_([kind.value for kind in self.kinds]))
        if self.account_id is not None:
            of_entity = select(accounts.c.entity).where(accounts.c.account_id == self.account_id)
            where.append(accounts.c.entity == of_entity.scalar_subquery())
        return where


def movements(connection: Connection, wanted: Wanted, exposure_days: int, after: str | None, limit: int) -> Page[Moved]:
    """By day, each with what had touched the account in the days before."""
    where = wanted.conditions()
    if last := cursor(after, int, int):
        where.append(_beyond((postings.c.day, postings.c.id), last))
    rows = connection.execute(
        select(postings, accounts.c.account_id, LEADERS.c.account_id.label("leader"))
        .join(accounts, accounts.c.id == postings.c.account)
        .join(LEADERS, LEADERS.c.id == accounts.c.entity)
        .where(*where)
        .order_by(postings.c.day, postings.c.id)
        .limit(limited(limit) + 1)
    ).all()
    marks = _touchpoints(connection, rows, exposure_days)

    def moved(row: Any) -> Moved:
        movement = movement_of(row)
        found = touches(marks.get(row.account, ()), movement.on, exposure_days)
        return Moved(movement, row.leader, row.known_at, found)

    return page(rows, limit, lambda row: (row.day, row.id), moved)


def _beyond(columns: tuple[ColumnElement[Any], ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """After the row with these values, when rows are in the order of two columns."""
    first, second = columns
    return or_(first > last[0], and_(first == last[0], second > last[1]))


def _touchpoints(connection: Connection, rows: Sequence[Any], days: int) -> dict[int, list[Touchpoint]]:
    """All touchpoints that may have exposed some movements, by account and time."""
    found: dict[int, list[Touchpoint]] = {}
    if not rows:
        return found
    first, past = (rows[0].day - days) * DAY, rows[-1].day * DAY
    for some in portions(list({row.account for row in rows})):
        query = (
            select(touchpoints, accounts.c.account_id)
            .join(accounts, accounts.c.id == touchpoints.c.account)
            .where(among(connection, touchpoints.c.account, some), touchpoints.c.at >= first, touchpoints.c.at < past)
            .order_by(touchpoints.c.at, touchpoints.c.id)
        )
        for row in connection.execute(query):
            mark = Touchpoint(row.account_id, row.contact, row.programme, row.at, row.message_id)
            found.setdefault(row.account, []).append(mark)
    return found


def members(
    connection: Connection, period: int, cohort: Mapping[str, str], after: str | None, limit: int
) -> Page[Member]:
    """See Model.accounts."""
    where: list[Any] = [figures.c.period == period, figures.c.product == cohort.get(PRODUCT, WHOLE)]
    for dimension, value in cohort.items():
        if dimension != PRODUCT:
            of_cohort = select(cohort_values.c.cohort).where(
                cohort_values.c.dimension == dimension, cohort_values.c.value == value
            )
            where.append(figures.c.cohort.in_(of_cohort))
    if last := cursor(after, int):
        where.append(figures.c.entity > last[0])
    rows = connection.execute(
        select(figures, accounts.c.account_id)
        .join(accounts, accounts.c.id == figures.c.entity)
        .where(*where)
        .order_by(figures.c.entity)
        .limit(limited(limit) + 1)
    ).all()
    values = cohorts_of(connection, {row.cohort for row in rows})

    def member(row: Any) -> Member:
        return Member(row.account_id, values[row.cohort], Sheet._make(row[4 : 4 + len(Sheet._fields)]))

    return page(rows, limit, lambda row: (row.entity,), member)


def cohorts_of(connection: Connection, numbers: set[int]) -> dict[int, dict[str, str]]:
    """The values of cohorts, by dimension."""
    found: dict[int, dict[str, str]] = {}
    for some in portions(list(numbers)):
        for row in connection.execute(select(cohort_values).where(among(connection, cohort_values.c.cohort, some))):
            found.setdefault(row.cohort, {})[row.dimension] = row.value
    return found


def restated(connection: Connection, period: Period | None, after: str | None, limit: int) -> Page[Restated]:
    """See Model.restatements."""
    where: list[Any] = []
    if period is not None:
        where += [periods.c.first_day == day_number(period.start), periods.c.end_day == day_number(period.end)]
    if last := cursor(after, int):
        where.append(restatements.c.id < last[0])
    rows = connection.execute(
        select(restatements, periods.c.label, accounts.c.account_id)
        .join(periods, periods.c.id == restatements.c.period)
        .join(accounts, accounts.c.id == restatements.c.entity)
        .where(*where)
        .order_by(restatements.c.id.desc())
        .limit(limited(limit) + 1)
    ).all()

    def made(row: Any) -> Restated:
        changes = {name: (before, after_) for name, (before, after_) in json.loads(row.changes).items()}
        return Restated(row.label, row.account_id, row.known_at, changes)

    return page(rows, limit, lambda row: (row.id,), made)


def itemised(
    connection: Connection, account_id: str | None, reason: str | None, settled: bool, after: str | None, limit: int
) -> Page[Itemised]:
    """See Model.issues."""
    where: list[Any] = [] if settled else [issues.c.settled_at.is_(None)]
    if account_id is not None:
        where.append(accounts.c.account_id == account_id)
    if reason is not None:
        where.append(issues.c.reason == reason)
    if last := cursor(after, int):
        where.append(issues.c.id < last[0])
    rows = connection.execute(
        select(accounts.c.account_id, *list(issues.c)[2:], issues.c.id)
        .join(accounts, accounts.c.id == issues.c.account)
        .where(*where)
        .order_by(issues.c.id.desc())
        .limit(limited(limit) + 1)
    ).all()
    return page(rows, limit, lambda row: (row.id,), lambda row: Itemised(*row[:-1]))


def spent(connection: Connection, period: Period) -> list[Spend]:
    """See Model.spends."""
    rows = connection.execute(
        select(accounts.c.account_id, *list(spends.c)[2:6])
        .join(accounts, accounts.c.id == spends.c.account)
        .where(spends.c.day >= day_number(period.start), spends.c.day < day_number(period.end))
        .order_by(spends.c.day, spends.c.id)
    )
    return [Spend(account_id, motion, day_of(day), cents, message) for account_id, motion, day, cents, message in rows]


def dealt(connection: Connection, until: date | None) -> list[Dealing]:
    """See Model.dealings."""
    query = select(accounts.c.account_id, *list(dealings.c)[2:8]).join(accounts, accounts.c.id == dealings.c.account)
    if until is not None:
        query = query.where(dealings.c.at < day_number(until) * DAY)
    return [Dealing(*row) for row in connection.execute(query.order_by(dealings.c.at, dealings.c.id))]
