"""A read model of another shape has another version: what an older program left is refused, never misread."""

from hashlib import sha256

from scorecard.model import episodes, facet_tables, reports, use
from scorecard.model.schema import SCHEMA_VERSION
from scorecard.model.tables import METADATA
from scorecard.model.views import VIEWS
from scorecard.record import FORMAT, _Record

BESIDE = (episodes, facet_tables, reports, use)
"""Modules with tables of their own."""

SHAPES = {6: "d1d32acd88337c6a"}
"""Version: a digest of tables, views and the bytes of a book."""


def shape() -> str:
    tables = [
        (table.name, [(column.name, str(column.type), column.nullable, column.primary_key) for column in table.columns])
        for table in sorted(METADATA.tables.values(), key=lambda table: table.name)
    ]
    told = (tables, VIEWS, FORMAT, _Record._fields)
    return sha256(repr(told).encode()).hexdigest()[:16]


def test_other_tables_or_views_than_those_of_a_version_have_a_version_of_their_own() -> None:
    assert shape() == SHAPES.get(SCHEMA_VERSION), "count SCHEMA_VERSION up, and note its shape here"
