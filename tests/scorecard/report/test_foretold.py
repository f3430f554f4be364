"""C8: which quarter the figure foretells, and what it is made from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.report.foretold import foretell, next_quarter
from scorecard.report.scorecard import operational
from scorecard.report.source import Source
from scorecard.settings.file import default_scorecard
from scoring.event import Event
from streams.scorecard import opening
from tests.scorecard.facets.said import day, said

QUARTERS = [f"{year}-{month:02}" for year in (2023, 2024, 2025) for month in (2, 5, 8, 11)]


def events() -> Iterator[Event]:
    """One account since 2022, which expands in the second month of every quarter, and more so each time."""
    yield said("2022-10-01", "subscription_started", product="core", arr=100, currency="USD")
    for number, month in enumerate(QUARTERS, 1):
        yield said(f"{month}-10", "subscription_expanded", product="core", arr=100 + number**2, currency="USD").replace(
            stream="revenue"
        )
    yield said("2026-01-20", "outreach_logged")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "model.db")
    yield found
    found.close()


@pytest.fixture
def source(database: Database) -> Source:
    found = opening.source(database, default_scorecard())
    for taker in (found.model, found.facets):
        taker.take(list(events()), {})
    return found


@pytest.mark.parametrize(
    ("period", "running", "ahead", "foretold"),
    [
        ("2025-Q3", "2025-10-01", 1, "2025-Q4"),  # the quarter that follows it
        ("2025-08", "2025-09-01", 2, "2025-Q4"),  # begins within a quarter, which is not over by then
        ("2025-W39", "2025-09-29", 2, "2025-Q4"),
        ("2025", "2026-01-20", 1, "2026-Q1"),  # what runs today
        ("2026-Q1", "2026-01-20", 2, "2026-Q2"),  # what comes after the running one
    ],
)
def test_c8_is_of_the_first_quarter_that_begins_when_the_period_is_over(
    period: str, running: str, ahead: int, foretold: str, source: Source
) -> None:
    found, step = next_quarter(source, Period.parse(period)), foretell(source, ahead, day(running))
    assert found.value == step.forecast.steps[-1].value
    assert (found.low, found.high) == (step.forecast.steps[-1].low, step.forecast.steps[-1].high)
    assert found.n == len(step.past)
    assert step.past[-1][0].end <= day(running)
    assert step.coming[-1].label == foretold


def test_c8_says_so_when_the_quarter_is_too_far_ahead(source: Source) -> None:
    assert next_quarter(source, Period.parse("2028-Q1")).reason == "2028-Q2 is more than 4 quarters ahead"


def test_c8_quarters_before_the_first_movement_are_not_looked_at(source: Source, database: Database) -> None:
    """The first quarter in which anybody is active at the start is that after the first subscription."""
    assert next(period.label for period, _ in foretell(source).past) == "2023-Q1"
    with database.reading() as connection:
        first = connection.exec_driver_sql("SELECT min(first_day) FROM periods").scalar()
    assert first == (day("2022-10-01") - day("1970-01-01")).days


def test_s2_every_figure_of_a_period_has_the_one_of_the_period_before(source: Source) -> None:
    """S2: also those that are not made of sums; those of all that is known have no trend."""
    lines = {line.figure.id: line for line in operational(source, Period.parse("2025-Q4")).lines}
    for figure in ("R3", "X5.next", "E2", "E3", "C1", "C4", "C6", "C8"):
        assert lines[figure].before is not None, figure
    assert lines["C8"].trend == "worse"  # more each time, of ever more
    for figure in ("C2", "C7", "S3"):
        assert lines[figure].before is None, figure
