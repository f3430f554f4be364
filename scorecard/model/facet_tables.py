"""The tables of the facets: what accounts do beside paying, and what that comes to over periods."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from scorecard.model.tables import METADATA

facet_books = Table(
    "facet_books", METADATA, Column("account_id", Text, primary_key=True), Column("packed", LargeBinary, nullable=False)
)

facet_periods = Table(
    "facet_periods", METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first_day", Integer, nullable=False),
    Column("end_day", Integer, nullable=False),
    Column("until_day", Integer, nullable=False),  # what is open is judged on this day
    Column("built_to", Text),  # the last account that is in it; empty: all are
    Column("changes", Integer, nullable=False),  # how often parts of it were written
    Index("facet_periods_days", "first_day", "end_day"),
)  # fmt: skip
"""Periods that are kept up. Of one that still runs another one is made when a day is over, while it is still shown."""

facet_asked = Table(
    "facet_asked", METADATA,
    Column("first_day", Integer, primary_key=True, autoincrement=False),
    Column("end_day", Integer, primary_key=True, autoincrement=False),
    Column("dimensions", Text, primary_key=True),  # a JSON list of names
    Column("asked_day", Integer, nullable=False),  # the newest day known of when somebody last asked
)  # fmt: skip
"""By which cohorts sums of a period are kept."""

facet_names = Table(
    "facet_names", METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False), Column("name", Text, nullable=False, unique=True),
)  # fmt: skip
"""Of counts: each is named once for every account and period."""

facet_counts = Table(
    "facet_counts", METADATA,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("entity", Text, primary_key=True),  # id of the account that stands for it
    Column("cohort", Integer, nullable=False),
    Column("active", SmallInteger, nullable=False),  # whether it pays on the last day
    Column("signs", SmallInteger, nullable=False),  # L1, see facet_part.py
    Column("packed", LargeBinary, nullable=False),  # numbers of names, and counts
    sqlite_with_rowid=False,
)  # fmt: skip
"""What an entity adds to the sums of a period."""

facet_sums = Table(
    "facet_sums", METADATA,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("dimensions", Text, primary_key=True),
    Column("cohort", Text, primary_key=True),  # a JSON list of values
    Column("name", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

facet_dirty = Table(
    "facet_dirty", METADATA,
    Column("account_id", Text, primary_key=True),
    Column("day", Integer, nullable=False),
    Column("mark", BigInteger, nullable=False),  # grows with every transaction that marks accounts
    sqlite_with_rowid=False,
)  # fmt: skip
"""Accounts whose parts of periods that end after `day` are to be made anew."""

TABLES = (facet_books, facet_periods, facet_asked, facet_names, facet_counts, facet_sums, facet_dirty)
