"""What is noted for SQL stands in place of what was noted of the same, on both databases."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from scorecard.model import noted_tables
from scorecard.model.database import Database
from scorecard.model.noted import Noted
from scorecard.model.noted_views import NOTED_VIEWS
from scorecard.model.schema import prepare
from scorecard.model.told import KEPT_DAYS
from scorecard.period import Period
from scoring.days import DAY

Q1, Q2 = Period.parse("2026-Q1"), Period.parse("2026-Q2")
NOW = 1_780_000_000.0


def read(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def credited(cents: int, newest: float = NOW) -> dict[str, Any]:
    return {"model": "linear", "programme": "academy", "cents": cents, "newest": newest}


def test_what_is_noted_again_replaces_the_same_period_and_nothing_else(new_database: Callable[[], Database]) -> None:
    with closing(new_database()) as database:
        prepare(database)
        noted = Noted(database)
        noted.note(noted_tables.attributions, [credited(5)], Q1)
        noted.note(noted_tables.attributions, [credited(7), {**credited(1), "programme": "council"}], Q2)
        noted.note(noted_tables.attributions, [credited(8)], Q2)
        found = read(database, "SELECT period, programme, cents FROM v_attribution ORDER BY period")
        assert found == [("2026-Q1", "academy", 5), ("2026-Q2", "academy", 8)]
        noted.note(noted_tables.attributions, [credited(9, NOW + (KEPT_DAYS + 1) * DAY)], Q2)
        assert read(database, "SELECT period, cents FROM v_attribution") == [("2026-Q2", 9)]


def test_lines_of_other_figures_and_cohorts_stay(new_database: Callable[[], Database]) -> None:
    with closing(new_database()) as database:
        prepare(database)
        noted = Noted(database)
        empty = {column.name: None for column in noted_tables.shown.columns if column.nullable}

        def note(figure: str, target: float, dimensions: str = "") -> None:
            row = {**empty, "cohort": "{}", "figure": figure, "target": target, "newest": NOW}
            noted.note(noted_tables.shown, [row], Q1, figure=[figure], dimensions=dimensions)

        for figure, target, dimensions in (("R3", 1, ""), ("R2", 2, ""), ("R3", 3, "segment"), ("R3", 4, "")):
            note(figure, target, dimensions)
        found = read(database, "SELECT figure, dimensions, target FROM v_scorecard ORDER BY target")
        assert found == [("R2", "", 2), ("R3", "segment", 3), ("R3", "", 4)]


def test_every_view_of_it_can_be_read(new_database: Callable[[], Database]) -> None:
    with closing(new_database()) as database:
        prepare(database)
        for view in NOTED_VIEWS:
            assert read(database, f"SELECT * FROM {view.name}") == []
