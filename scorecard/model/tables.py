"""The tables of the read model: one description for SQLite and PostgreSQL.

Accounts, cohorts and periods are numbered, because figures name them millions of times. Days are counted from
1970-01-01 (UTC), instants are unix seconds, money is in minor units of the reporting currency. What people and their
tools read are the views (see views.py): these tables may change with any release.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

from scorecard.sheet import Sheet

EPOCH = date(1970, 1, 1)

METADATA = MetaData()

COUNTS = frozenset(name for name in Sheet._fields if name.startswith(("n_", "products_")))
"""Those of a sheet that count; all others are money."""


RESTATED = ("n_start", "start", "end", "kept")
"""The fields of a sheet that its retention (R2, R3) is told from."""


def _table(name: str, *items: Any, clustered: bool = False) -> Table:
    """clustered: rows lie in the order of their key (SQLite), and need no second look-up."""
    return Table(name, METADATA, *items, sqlite_with_rowid=not clustered)


def _text(name: str, **given: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **given)


def _whole(name: str, **given: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, **given)


def _large(name: str, **given: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **given)


def _instant(name: str, **given: Any) -> Column[float]:
    return Column(name, Double, nullable=False, **given)


def _sheet(small: Any = Integer) -> list[Column[int]]:
    """A column for each field of a sheet, in their order."""
    return [Column(name, small if name in COUNTS else BigInteger, nullable=False) for name in Sheet._fields]


meta = _table("meta", _text("key", primary_key=True), _text("value"), clustered=True)

positions = _table("positions", _text("source", primary_key=True), _large("next"), clustered=True)
"""How far each log or topic partition was read: `next` is the first position that was not."""

accounts = _table(
    "accounts", _whole("id", primary_key=True, autoincrement=False), _text("account_id", unique=True),
    _whole("entity"),  # the account that stands for this one: itself, the one it was merged into, or its parent
    Column("merged_into", Text), Column("parent", Text),
    Index("accounts_entity", "entity"), Index("accounts_merged", "merged_into"), Index("accounts_parent", "parent"),
)  # fmt: skip

books = _table(
    "books", _whole("account", primary_key=True, autoincrement=False), Column("packed", LargeBinary, nullable=False)
)

postings = _table(
    "postings", _large("id", primary_key=True, autoincrement=False), _whole("account"), _text("product"),
    _text("subscription_id"), _text("kind"), _whole("day"), _large("cents"), _text("currency"), _large("native"),
    _text("message_id"), _instant("known_at"),
    Column("reverses", BigInteger),  # the posting that turned out not to be so
    Index("postings_account", "account"), Index("postings_day", "day", "id"),
)  # fmt: skip
Index(
    "postings_reverses", postings.c.reverses, unique=True,
    sqlite_where=postings.c.reverses.is_not(None), postgresql_where=postings.c.reverses.is_not(None),
)  # fmt: skip

touchpoints = _table(
    "touchpoints", _large("id", primary_key=True, autoincrement=False), _whole("account"), Column("contact", Text),
    _text("programme"), _instant("at"), _text("message_id"), _instant("known_at"),
    Index("touchpoints_account", "account", "at"),
)  # fmt: skip

exposing = _table("exposing", _text("programme", primary_key=True), clustered=True)
"""The programmes whose touchpoints count; ANY among them: all do."""

ANY = ""
"""In the place of a programme, none of which has an empty name."""

traits = _table(
    "traits", _large("id", primary_key=True, autoincrement=False), _whole("account"), _text("name"), _text("value"),
    _instant("at"), _text("message_id"), _instant("known_at"),
    Index("traits_account", "account", "name", "at"),
)  # fmt: skip

spends = _table(
    "spends", _large("id", primary_key=True, autoincrement=False), _whole("account"), _text("motion"), _whole("day"),
    _large("cents"), _text("message_id"), _instant("known_at"),
    Index("spends_day", "day"),
)  # fmt: skip

dealings = _table(
    "dealings", _large("id", primary_key=True, autoincrement=False), _whole("account"), _text("opportunity_id"),
    _text("state"), _instant("at"), Column("cents", BigInteger), _text("clg"), _text("message_id"),
    _instant("known_at"),
    Index("dealings_at", "at"),
)  # fmt: skip
"""What was said of opportunities."""

issues = _table(
    "issues", _large("id", primary_key=True, autoincrement=False), _whole("account"), _text("message_id"),
    _text("reason"), _text("field"), _text("value"), _text("message"), _instant("known_at"),
    Column("settled_at", Double),
    Index("issues_account", "account", "message_id"), Index("issues_reason", "reason", "id"),
)  # fmt: skip

periods = _table(
    "periods", _whole("id", primary_key=True, autoincrement=False), _text("label"), _whole("first_day"),
    _whole("end_day"),
    Column("known_at", Double),  # for what was known then; empty for what is known now
    _text("calendar"),  # week, month, quarter, year or ever, where it is one
    Index("periods_days", "first_day", "end_day"),
)  # fmt: skip
"""Those whose figures are kept."""

wishes = _table(
    "wishes", _whole("id", primary_key=True, autoincrement=False), _text("label"), _whole("first_day"),
    _whole("end_day"), Column("known_at", Double),
)  # fmt: skip
"""Periods that somebody asked for who does not compute them: whoever takes the events does."""

cohorts = _table("cohorts", _whole("id", primary_key=True, autoincrement=False), _text("key", unique=True))

cohort_values = _table(
    "cohort_values", _whole("cohort", primary_key=True, autoincrement=False), _text("dimension", primary_key=True),
    _text("value"),
    Index("cohort_values_value", "dimension", "value"),
    clustered=True,
)  # fmt: skip

figures = _table(
    "figures", _whole("period", primary_key=True, autoincrement=False),
    _whole("entity", primary_key=True, autoincrement=False),
    _text("product", primary_key=True),  # empty: the whole entity
    _whole("cohort"), *_sheet(SmallInteger), clustered=True,
)  # fmt: skip

cells = _table(
    "cells", _whole("period", primary_key=True, autoincrement=False),
    _text("dimension", primary_key=True),  # empty: everybody
    _text("value", primary_key=True), *_sheet(), clustered=True,
)  # fmt: skip

counts = _table(
    "counts", _whole("period", primary_key=True, autoincrement=False),
    _whole("entity", primary_key=True, autoincrement=False),
    _text("name", primary_key=True), _whole("cohort"), _large("count"), clustered=True,
)  # fmt: skip
"""What is counted of an entity beside its sheet; cohort 0: where there are no cohorts."""

totals = _table(
    "totals", _whole("period", primary_key=True, autoincrement=False),
    _text("dimension", primary_key=True),  # empty: everybody
    _text("value", primary_key=True), _text("name", primary_key=True), _large("count"), clustered=True,
)  # fmt: skip
"""What cells are of figures, of counts."""

OF_PERIODS = (figures, cells, counts, totals)
"""What is kept of periods."""

dirty = _table(
    "dirty", _whole("entity", primary_key=True, autoincrement=False), _whole("day"), _instant("known_at"),
    _text("message_id"), _whole("messages"), clustered=True,
)  # fmt: skip
"""Entities whose figures of periods that end after `day` are to be computed anew."""

restatements = _table(
    "restatements", _large("id", primary_key=True, autoincrement=False), _whole("period"), _whole("entity"),
    _instant("known_at"), _text("changes"),
    _text("message_id"), _whole("messages"),  # the newest event that made it, and how many did
    _whole("came"),  # the day of known_at
    *(Column(name, BigInteger, nullable=False) for name in RESTATED),  # by how much
    Index("restatements_period", "period", "id"),
)  # fmt: skip

answers = _table(
    "answers", _whole("number", primary_key=True), _text("message_id"), _text("subject"), _text("name"),
    _instant("at"), _instant("arrived"), _text("properties"), UniqueConstraint("subject", "message_id"),
)  # fmt: skip
"""What people said of cohorts' triggers, in the order in which it came; each message of a cohort once."""


told = _table(
    "told", _whole("first_day", primary_key=True, autoincrement=False),
    _whole("end_day", primary_key=True, autoincrement=False),
    _text("dimensions", primary_key=True),  # names with commas; empty: everybody
    _text("cohort", primary_key=True),  # JSON: the value of each
    _text("figure", primary_key=True), _text("label"), Column("value", Double), Column("reason", Text),
    Column("numerator", Double), Column("denominator", Double), _large("n"), _text("unit"), Column("low", Double),
    Column("high", Double), _instant("newest"), clustered=True,
)  # fmt: skip
"""Figures as they were last told."""

prior_scores = _table(
    "prior_scores", _whole("day", primary_key=True, autoincrement=False), _text("account_id", primary_key=True),
    Column("points", Double, nullable=False), clustered=True,
)  # fmt: skip
"""The score that an account had when a month began: by its id, since it may have scores before it has money."""

prior_days = _table(
    "prior_days", _whole("day", primary_key=True, autoincrement=False), _whole("version"), clustered=True,
)  # fmt: skip
"""The days of which all scores are there, and how often these were changed since."""


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 2, 1))
    31
    """
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The other way round."""
    return EPOCH + timedelta(days=number)
