"""What may be asked beside the sheets: members of cohorts, restatements, issues; a page at a time."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from scorecard.model.figure import WHOLE
from scorecard.model.pages import cursor, limited, page
from scorecard.model.rows import IssueCount, Itemised, Member, Page, Restated
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
)  # fmt: skip
from scorecard.model.terms import PRODUCT
from scorecard.model.upsert import among, portions
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.spend import Dealing, Spend
from scoring.days import DAY


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
    if last := cursor(after, 1):
        where.append(figures.c.entity > last[0])
    rows = connection.execute(
        select(figures, accounts.c.account_id)
        .join(accounts, accounts.c.id == figures.c.entity)
        .where(*where)
        .order_by(figures.c.entity)
        .limit(limited(limit) + 1)
    ).all()
    values = values_of(connection, {row.cohort for row in rows})

    def member(row: Any) -> Member:
        return Member(row.account_id, values[row.cohort], Sheet._make(row[4 : 4 + len(Sheet._fields)]))

    return page(rows, limit, lambda row: (row.entity,), member)


def values_of(connection: Connection, numbers: set[int]) -> dict[int, dict[str, str]]:
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
    if last := cursor(after, 1):
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
        return Restated(row.label, row.account_id, row.known_at, changes, row.message_id, row.messages)

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
    if last := cursor(after, 1):
        where.append(issues.c.id < last[0])
    rows = connection.execute(
        select(accounts.c.account_id, *list(issues.c)[2:], issues.c.id)
        .join(accounts, accounts.c.id == issues.c.account)
        .where(*where)
        .order_by(issues.c.id.desc())
        .limit(limited(limit) + 1)
    ).all()
    return page(rows, limit, lambda row: (row.id,), lambda row: Itemised(*row[:-1]))


def counted(connection: Connection) -> list[IssueCount]:
    """See Model.issue_counts. An event that is wrong in two fields for one reason is one event; grouped in the order of
    an index, since there may be a million.
    """
    wrong = (
        select(issues.c.reason, issues.c.account)
        .where(issues.c.settled_at.is_(None))
        .group_by(issues.c.account, issues.c.message_id, issues.c.reason)
        .subquery()
    )
    query = select(wrong.c.reason, func.count(), func.count(wrong.c.account.distinct())).group_by(wrong.c.reason)
    return [IssueCount(*row) for row in connection.execute(query.order_by(func.count().desc(), wrong.c.reason))]


def oldest(connection: Connection) -> date | None:
    """See Model.oldest."""
    day = connection.execute(select(func.min(postings.c.day))).scalar()
    return None if day is None else day_of(day)


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
