"""The page of docs/reference/ on the SQL views of the scorecard's read model."""

import tempfile
from contextlib import closing
from pathlib import Path

from docs.markdown import code, page, table
from scorecard.model.database import Database
from scorecard.model.schema import SCHEMA_VERSION, prepare
from scorecard.model.views import VIEWS

INTRODUCTION = """\
Views of the scorecard's read model (see the [guide](../guide/scorecard.md#in-sql)), the same on SQLite and PostgreSQL.
Their names and columns stay; the tables behind them may change with any release. Money is in whole minor units of the
reporting currency, which `v_settings` names. Ratios are for showing, and NULL where there is nothing to divide by. Days
are UTC (`DATE`, on SQLite ISO 8601 text), instants are `timestamptz` (on SQLite ISO 8601 text)."""


def sql() -> str:
    """Every view with its columns, asked of a database that has them."""
    with tempfile.TemporaryDirectory() as place, closing(Database(Path(place) / "views.db")) as database:
        prepare(database)
        with database.reading() as connection:
            columns = {
                view.name: list(connection.exec_driver_sql(f"SELECT * FROM {view.name}").keys()) for view in VIEWS
            }
    rows = [(code(view.name), view.about, ", ".join(map(code, columns[view.name]))) for view in VIEWS]
    version = f"Version of tables and views: {SCHEMA_VERSION}."
    return page("SQL views", INTRODUCTION, table(("view", "what it shows", "columns"), rows), version)
