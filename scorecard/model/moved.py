"""Movements as rows, a page at a time: each as the waterfall of its entity and period counts it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from scorecard.exposure import touches
from scorecard.model.figure import together
from scorecard.model.known import movement_of, movements_of
from scorecard.model.pages import cursor, limited, page
from scorecard.model.relations import Relations, relations
from scorecard.model.rows import Moved, Page
from scorecard.model.tables import accounts, day_number, postings, touchpoints
from scorecard.model.terms import Terms
from scorecard.model.upsert import among, portions
from scorecard.movement import EXPANSION, Kind, Movement
from scorecard.period import Period
from scorecard.sheet import inside
from scorecard.touchpoint import Touchpoint
from scoring.days import DAY

OTHERS = accounts.alias("others")

LOOKED_AT = 1_000
"""Rows read together where some kinds are wanted: not all of them are of these."""

SHOWN_OTHERWISE = frozenset({*EXPANSION, Kind.CONTRACTION})
"""Kinds that a row of a single account may be shown as instead, at other rates than those of its day."""

Place = tuple[str, str, str, object]
"""Account, product, currency and day: there is one movement of each, beside changes of a rate."""


class Families(NamedTuple):
    """Of the accounts of some rows."""

    of: Mapping[int, int]
    """The entity of each account of theirs, by number."""
    names: Mapping[int, str]
    """Ids of the accounts that stand for them."""


class Wanted(NamedTuple):
    """Which movements are asked for; see Model.movements."""

    period: Period | None
    account_id: str | None
    kinds: Sequence[Kind]
    known_at: float | None

    def conditions(self, connection: Connection, terms: Terms, then: Relations | None) -> list[ColumnElement[bool]]:
        """In SQL. Of kinds, what may be of one: the ledger has those of accounts by themselves. then: which accounts
        stood for which, where that is asked for.
        """
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
        if kinds := set(self.kinds):
            if not terms.rates.single and kinds & SHOWN_OTHERWISE:
                kinds |= SHOWN_OTHERWISE
            others = select(OTHERS.c.id).where(OTHERS.c.entity == accounts.c.entity, OTHERS.c.id != accounts.c.id)
            merged = others.exists() if then is None else among(connection, postings.c.account, then.several())
            where.append(or_(postings.c.kind.in_([kind.value for kind in kinds]), merged))
        if self.account_id is not None:
            number = select(accounts.c.id, accounts.c.entity).where(accounts.c.account_id == self.account_id)
            account, entity = connection.execute(number).one_or_none() or (0, 0)
            ours = accounts.c.entity == entity
            if then is not None:
                ours = among(connection, postings.c.account, then.members(then.leader(account)))
            where.append(ours)
        return where


def movements(connection: Connection, wanted: Wanted, terms: Terms, after: str | None, limit: int) -> Page[Moved]:
    """By day, each with what had touched its entity in the days before."""
    last, found = cursor(after, 2), list[tuple[Any, Moved]]()
    together = max(limited(limit) + 1, LOOKED_AT if wanted.kinds else 0)
    then = None if wanted.known_at is None else relations(connection, terms.unit, wanted.known_at)
    query = (
        select(postings, accounts.c.account_id, accounts.c.entity)
        .join(accounts, accounts.c.id == postings.c.account)
        .where(*wanted.conditions(connection, terms, then))
        .order_by(postings.c.day, postings.c.id)
        .limit(together)
    )
    while True:
        rows = connection.execute(query if last is None else query.where(_beyond(last))).all()
        for row, one in zip(rows, _moved(connection, rows, wanted, terms, then), strict=True):
            if not wanted.kinds or one.movement.kind in wanted.kinds:
                found.append((row, one))
        if len(found) > limit or len(rows) < together:
            return page(found, limit, lambda pair: (pair[0].day, pair[0].id), lambda pair: pair[1])
        last = (rows[-1].day, rows[-1].id)


def _beyond(last: Sequence[Any]) -> ColumnElement[bool]:
    """After the row with this day and id."""
    day, number = last
    return or_(postings.c.day > day, and_(postings.c.day == day, postings.c.id > number))


def _moved(
    connection: Connection, rows: Sequence[Any], wanted: Wanted, terms: Terms, then: Relations | None
) -> list[Moved]:
    """What rows of the ledger are in the waterfalls of their entities."""
    families = _families(connection, rows, then)
    counted = _counted(connection, families, wanted, terms)
    marks = _touchpoints(connection, rows, families, wanted, terms)
    made = []
    for row in rows:
        posted = movement_of(row)
        if posted.kind is Kind.FX:
            shown = posted if wanted.period is None else posted._replace(cents=0)
        else:
            shown = counted[_place(posted)]
        rates_of = posted.on if wanted.period is None else wanted.period.start - timedelta(days=1)
        entity = families.of[row.account]
        found = touches(marks.get(entity, []), posted.on, terms.exposing.within_days)
        made.append(Moved(shown, posted, rates_of, families.names[entity], row.known_at, found))
    return made


def _families(connection: Connection, rows: Sequence[Any], then: Relations | None) -> Families:
    """The whole entities of the accounts of some rows."""
    of: dict[int, int] = {}
    names: dict[int, str] = {}
    leaders = {row.entity if then is None else then.leader(row.account) for row in rows}
    for some in portions(sorted(leaders)):
        named = select(accounts.c.id, accounts.c.account_id).where(among(connection, accounts.c.id, some))
        names |= dict(connection.execute(named).all())
        if then is None:
            members = select(accounts.c.id, accounts.c.entity).where(among(connection, accounts.c.entity, some))
            of |= dict(connection.execute(members).all())
    if then is not None:
        of = {account: leader for leader in leaders for account in then.members(leader)}
    return Families(of, names)


def _counted(connection: Connection, families: Families, wanted: Wanted, terms: Terms) -> Mapping[Place, Movement]:
    """All movements of some entities, apart from changes of a rate, as their waterfalls count them."""
    counted: dict[Place, Movement] = {}
    of_each: dict[int, list[list[Movement]]] = {}
    for account, made in movements_of(connection, families.of, wanted.known_at).items():
        if made:
            of_each.setdefault(families.of[account], []).append(made)
    for moved in map(together, of_each.values()):
        rows = moved if wanted.period is None else inside(moved, wanted.period, terms.rates)
        counted |= {_place(one): one for one in rows if one.kind is not Kind.FX}
    return counted


def _place(one: Movement) -> Place:
    return one.account_id, one.product, one.currency, one.on


def _touchpoints(
    connection: Connection, rows: Sequence[Any], families: Families, wanted: Wanted, terms: Terms
) -> dict[int, list[Touchpoint]]:
    """All touchpoints that may have exposed some movements, by entity and time."""
    found: dict[int, list[Touchpoint]] = {}
    if not rows:
        return found
    first, past = (rows[0].day - terms.exposing.within_days) * DAY, rows[-1].day * DAY
    query = (
        select(touchpoints, accounts.c.account_id)
        .join(accounts, accounts.c.id == touchpoints.c.account)
        .where(touchpoints.c.at >= first, touchpoints.c.at < past)
        .order_by(touchpoints.c.at, touchpoints.c.id)
    )
    if terms.exposing.programmes is not None:
        query = query.where(among(connection, touchpoints.c.programme, sorted(terms.exposing.programmes)))
    if wanted.known_at is not None:
        query = query.where(touchpoints.c.known_at <= wanted.known_at)
    for some in portions(sorted(families.of)):
        for row in connection.execute(query.where(among(connection, touchpoints.c.account, some))):
            mark = Touchpoint(row.account_id, row.contact, row.programme, row.at, row.message_id)
            found.setdefault(families.of[row.account], []).append(mark)
    return {entity: sorted(marks, key=_when) for entity, marks in found.items()}


_when = attrgetter("at")
