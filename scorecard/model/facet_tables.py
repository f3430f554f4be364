"""The tables of the facets: what accounts do beside paying, and what that comes to over periods."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from scorecard.model.tables import METADATA

facet_books = Table(
    "facet_books", METADATA, Column("account_id", Text, primary_key=True), Column("packed", LargeBinary, nullable=False)
)

facet_sums = Table(
    "facet_sums", METADATA,
    Column("first_day", Integer, primary_key=True, autoincrement=False),
    Column("end_day", Integer, primary_key=True, autoincrement=False),
    Column("dimensions", Text, primary_key=True),  # a JSON list of names
    Column("until_day", Integer, nullable=False),  # what is open was judged on this day
    Column("stale", Integer, nullable=False),  # 1: something came since that may change it
    Column("asked_day", Integer, nullable=False),  # the newest day known of when somebody last asked
    Column("counts", Text, nullable=False),  # JSON: [[values, {name: count}], ...]
    Index("facet_sums_end", "end_day"),
)  # fmt: skip

TABLES = (facet_books, facet_sums)
