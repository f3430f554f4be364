"""C7: what is asked of the read model for reports hangs on their periods and cohorts, and not on how many there are."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.model.model import PAGE, Model
from scorecard.model.rows import Cohort, Member, Page
from scorecard.period import Period
from scorecard.reconcile import Reconciliation, Reported
from scorecard.report import bench
from scorecard.report.handed_in import judged
from scorecard.report.source import Source
from scorecard.settings.file import default_scorecard
from scorecard.sheet import Sheet
from scoring.event import Event
from streams.scorecard import opening
from tests.scorecard.facets.said import said

SEGMENTS = ("smb", "enterprise")
PERIODS = ("2026-Q1", "2026-Q2")


class Counting(Model):
    """The read model, which notes what it is asked."""

    series_asked: int
    pages_asked: int
    rows_given: int

    def series(
        self, over: Sequence[Period], by: Sequence[str] = (), known_at: float | None = None
    ) -> list[dict[Cohort, Sheet]]:
        self.series_asked += 1
        return super().series(over, by, known_at)

    def accounts(
        self, period: Period, cohort: Mapping[str, str], *, after: str | None = None, limit: int = PAGE
    ) -> Page[Member]:
        self.pages_asked += 1
        page = super().accounts(period, cohort, after=after, limit=limit)
        self.rows_given += len(page.rows)
        return page


def events() -> Iterator[Event]:
    """Four accounts, two of each segment; NRR of 2026-Q2 is 1.25 of the smb ones, and 1 of the others."""
    for number in range(4):
        account = f"a-{number}"
        yield said("2025-10-01", "group", account=account, segment=SEGMENTS[number % 2])
        yield said("2025-10-01", "subscription_started", account=account, product="core", arr=100, currency="USD")
    yield said("2026-05-01", "subscription_expanded", account="a-0", product="core", arr=150, currency="USD").replace(
        stream="revenue"
    )
    yield said("2026-07-02", "outreach_logged", account="a-0")


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[Source, Counting]]:
    database = Database(tmp_path / "model.db")
    settings = default_scorecard()
    model = Counting(database, opening.terms(settings))
    model.series_asked = model.pages_asked = model.rows_given = 0
    model.take(list(events()), {})
    yield opening.source(database, settings)._replace(model=model), model
    database.close()


def reports(count: int) -> list[Reported]:
    """So many figures of two periods, of everybody and of two cohorts, in turn; what they say is never the same."""
    cohorts = ("", *(f"segment={name}" for name in SEGMENTS))
    return [
        Reported.read(f"team {n}", ("NRR", "GRR")[n % 2], PERIODS[n // 2 % 2], f"{n / 7:.3f}%", cohorts[n % 3])
        for n in range(count)
    ]


def asked(model: Counting) -> tuple[int, int, int]:
    found = model.series_asked, model.pages_asked, model.rows_given
    model.series_asked = model.pages_asked = model.rows_given = 0
    return found


def test_c7_a_hundred_times_the_reports_ask_no_more_of_the_read_model(counted: tuple[Source, Counting]) -> None:
    source, model = counted
    judged(source, reports(12))
    few = asked(model)
    judged(source, reports(1_200))
    assert asked(model) == few
    # of two periods: everybody and by segment; the accounts of everybody and of both segments
    assert few == (4, 6, 2 * (4 + 2 + 2))


def test_c7_reports_are_told_in_the_order_in_which_they_were_handed_in(counted: tuple[Source, Counting]) -> None:
    source, _ = counted
    some = reports(24)
    found: Reconciliation = judged(source, some)
    assert [one.reported for one in found.findings] == some
    alone = [judged(source, [one]).findings[0] for one in some]
    assert list(found.findings) == alone


def test_c7_of_more_accounts_than_are_looked_at_no_means_are_tried(
    counted: tuple[Source, Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mean over a part of a cohort would explain nothing."""
    source, _ = counted
    mean = Reported.read("a", "NRR", "2026-Q2", "112.5%")
    assert judged(source, [Reported.read("a", "GRR", "2026-Q2", "1%")]).findings[0].agrees is False
    assert bench.Bench(source).evidence(mean).apart  # type: ignore[union-attr]
    monkeypatch.setattr(bench, "ENTITIES_MAX", 3)
    assert not bench.Bench(source).evidence(mean).apart  # type: ignore[union-attr]


def test_c7_accounts_looked_at_for_all_reports_together_are_bounded(
    counted: tuple[Source, Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, model = counted
    monkeypatch.setattr(bench, "ACCOUNTS_MAX", 6)
    judged(source, reports(12))
    assert asked(model)[2] <= 6
