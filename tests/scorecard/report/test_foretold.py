"""C8: which quarter the figure foretells, and what it is made from."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scorecard.figure import Figure
from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.report.cohorts import cohorts
from scorecard.report.ends import COHORT_MIN
from scorecard.report.foretold import COHORTS_MAX, foretell, next_quarter
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


def foreseen(source: Source, period: str) -> Figure:
    """C8 of everybody."""
    return next_quarter(source, Period.parse(period))[()]["C8"]


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
    found, step = foreseen(source, period), foretell(source, ahead, day(running))
    assert found.value == step.forecast.steps[-1].value
    assert (found.low, found.high) == (step.forecast.steps[-1].low, step.forecast.steps[-1].high)
    assert found.n == len(step.past)
    assert step.past[-1][0].end <= day(running)
    assert step.coming[-1].label == foretold


def test_c8_says_so_when_the_quarter_is_too_far_ahead(source: Source) -> None:
    assert foreseen(source, "2028-Q1").reason == "2028-Q2 is more than 4 quarters ahead"


def test_c8_quarters_before_the_first_movement_are_not_looked_at(source: Source, database: Database) -> None:
    """The first quarter in which anybody is active at the start is that after the first subscription."""
    assert next(period.label for period, _ in foretell(source).past) == "2023-Q1"
    with database.reading() as connection:
        first = connection.exec_driver_sql("SELECT min(first_day) FROM periods").scalar()
    assert first == (day("2022-10-01") - day("1970-01-01")).days


def of_cohorts() -> Iterator[Event]:
    """Six accounts each of smb and enterprise since 2022, of which those of smb expand in every quarter as the one
    above does, and the others by 2 a quarter; four of mid_market; one of gone that left in 2023.
    """
    members = {"smb": 6, "enterprise": 6, "mid_market": 4, "gone": 1}
    for account, segment in ((f"{name}-{n}", name) for name, count in members.items() for n in range(count)):
        yield said("2022-10-01", "group", account=account, segment=segment)
        yield said("2022-10-01", "subscription_started", account=account, product="core", arr=100, currency="USD")
        if segment == "gone":
            left = said("2023-08-10", "subscription_churned", account=account, product="core")
            yield left.replace(stream="revenue")
        elif segment != "mid_market":
            for number, month in enumerate(QUARTERS, 1):
                arr = 100 + (number**2 if segment == "smb" else 2 * number)
                grown = said(
                    f"{month}-10", "subscription_expanded", account=account, product="core", arr=arr, currency="USD"
                )
                yield grown.replace(stream="revenue")
    yield said("2026-01-20", "outreach_logged")


def test_c8_of_a_cohort_is_what_its_accounts_alone_would_be_foretold(source: Source, tmp_path: Path) -> None:
    """C8: smb is foretold what the one account is that grows as each of its own; of four accounts nothing is foretold,
    and a cohort that nobody is in any more has no line.
    """
    alone = foreseen(source, "2025-Q4")
    with closing(Database(tmp_path / "cohorts.db")) as database:
        several = opening.source(database, default_scorecard())
        for taker in (several.model, several.facets):
            taker.take(list(of_cohorts()), {})
        found = cohorts(several, Period.parse("2025-Q4"), ("segment",), ["C8"])
        smb, mid_market, enterprise = (found[name,]["C8"] for name in ("smb", "mid_market", "enterprise"))
        assert smb == alone
        assert enterprise.value is not None
        assert alone.value is not None
        assert enterprise.value < alone.value
        assert mid_market.reason == "fewer than 5 accounts when 2025-Q4 began"
        assert "C8" not in found.get(("gone",), {})
        (line,) = [one for one in operational(several, Period.parse("2025-Q4")).lines if one.figure.id == "C8"]
        assert line.ends is not None
        assert (line.ends.best, line.ends.worst) == ((("smb",), smb), (("enterprise",), enterprise))
        assert cohorts(several, Period.parse("2025-Q4"), ("product",), ["C8"])["core",]["C8"].n == 12


def test_c8_only_the_largest_cohorts_are_foretold(source: Source) -> None:
    """C8: of one more than are foretold, each of six accounts, that of five is not."""
    accounts = [
        (f"a{segment}-{n}", f"s{segment}")
        for segment in range(COHORTS_MAX + 1)
        for n in range(COHORT_MIN + (segment > 0))
    ]
    for account, segment in accounts:
        source.model.take(
            [
                said("2022-10-01", "group", account=account, segment=segment),
                said("2022-10-01", "subscription_started", account=account, product="core", arr=9, currency="USD"),
            ],
            {},
        )
    found = next_quarter(source, Period.parse("2025-Q4"), ("segment",))
    assert [
        values for values, one in found.items() if one["C8"].reason == "only the 30 largest cohorts are foretold"
    ] == [("s0",)]
    assert sum(one["C8"].value is not None for one in found.values()) == COHORTS_MAX


def test_s2_every_figure_of_a_period_has_the_one_of_the_period_before(source: Source) -> None:
    """S2: also those that are not made of sums; those of all that is known have no trend."""
    lines = {line.figure.id: line for line in operational(source, Period.parse("2025-Q4")).lines}
    for figure in ("R3", "X5.next", "E2", "E3", "C1", "C4", "C6", "C8"):
        assert lines[figure].before is not None, figure
    assert lines["C8"].trend == "worse"  # more each time, of ever more
    for figure in ("C2", "C7", "S3"):
        assert lines[figure].before is None, figure
