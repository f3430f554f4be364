"""Cohorts that trip a play: one episode each, its trigger once, whatever dies between."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from plays.cohort import CohortPlays, load_cohort_plays
from scorecard.catalogue import figures
from scorecard.model.database import Database
from scorecard.report.source import Source
from scorecard.settings.file import default_scorecard
from scoring.event import Event
from streams.scorecard.cohorts import Cohorts, Trigger
from streams.scorecard.opening import source
from tests.scorecard.facets.said import said

NOW = datetime(2026, 7, 3, tzinfo=UTC).timestamp()
DAY = 86_400.0
SHIPPED = resources.files("plays").joinpath("cohorts.yaml").read_text(encoding="utf-8")


@pytest.fixture
def plays() -> CohortPlays:
    return load_cohort_plays(SHIPPED, file="cohorts.yaml", figures=[*figures()])


@pytest.fixture
def figures_of(tmp_path: Path) -> Iterator[Source]:
    with closing(Database(tmp_path / "scorecard.db")) as database:
        yield source(database, default_scorecard())


def bought(day: str, account: str, arr: int, name: str = "subscription_started", **more: Any) -> Event:
    event = said(day, name, account=account, subscription_id="s", product="core", arr=arr, currency="USD", **more)
    return event.replace(stream="revenue")


def segment(name: str, accounts: int, after: int) -> list[Event]:
    """Accounts that paid 100 a year ago, and `after` since March."""
    made: list[Event] = []
    for number in range(accounts):
        account = f"{name}-{number}"
        made.append(said("2025-01-01", "group", account=account, segment=name))
        made.append(bought("2025-01-02", account, 100))
        kind = "subscription_contracted" if after < 100 else "subscription_expanded"
        made.append(bought("2026-03-01", account, after, kind, kind="upsell"))
    return made


class Out:
    """An outbox: keeps each trigger once, and may fail."""

    def __init__(self) -> None:
        self.kept: dict[str, Trigger] = {}
        self.works = True

    def __call__(self, triggers: Any) -> bool:
        if self.works:
            for trigger in triggers:
                self.kept.setdefault(trigger["id"], trigger)
        return self.works


def test_a_segment_whose_nrr_fell_opens_once_and_one_with_few_accounts_never(
    figures_of: Source, plays: CohortPlays
) -> None:
    """R3 of smb is 0.9 on 20 accounts: opens. enterprise grew; tiny fell to 0.5, and 19 accounts are too few."""
    events = [*segment("smb", 20, 90), *segment("enterprise", 20, 130), *segment("tiny", 19, 50)]
    figures_of.model.take(events, {})
    figures_of.facets.take(events, {})
    out = Out()
    cohorts = Cohorts(plays, lambda: figures_of, out)
    assert [cohorts.look(NOW), cohorts.look(NOW + 60), cohorts.look(NOW + DAY)] == [1, 0, 0]
    (trigger,) = out.kept.values()
    assert trigger["data"]["cohort"] == {"segment": "smb"}
    assert trigger["data"]["period"] == "12m to 2026-06"
    assert trigger["data"]["evidence"] == {"accounts": 20.0, "figures.R2": 0.9, "figures.R3": 0.9}


def test_a_trigger_that_was_not_written_is_put_out_again_under_the_same_id(
    figures_of: Source, plays: CohortPlays
) -> None:
    events = segment("smb", 20, 90)
    figures_of.model.take(events, {})
    out = Out()
    out.works = False
    cohorts = Cohorts(plays, lambda: figures_of, out)
    assert cohorts.look(NOW) == 0
    out.works = True
    assert cohorts.look(NOW + 60) == 1
    figures_of.episodes.write("{}")  # as if the process had died before it kept the episode
    assert cohorts.look(NOW + 120) == 1
    assert len(out.kept) == 1


def test_it_recovers_when_the_segment_has_grown_again_and_stayed_so(figures_of: Source, plays: CohortPlays) -> None:
    """From 0.9 to 1.1, and 30 days later still: closed, without another trigger."""
    events = segment("smb", 20, 90)
    figures_of.model.take(events, {})
    out = Out()
    cohorts = Cohorts(plays, lambda: figures_of, out)
    cohorts.look(NOW)
    grown = [bought("2026-05-01", f"smb-{n}", 110, "subscription_expanded", kind="upsell") for n in range(20)]
    figures_of.model.take(grown, {})
    assert [_phase(figures_of, cohorts, NOW + days * DAY) for days in (1, 20, 32)] == ["settling", "settling", "closed"]
    assert len(out.kept) == 1


def _phase(figures_of: Source, cohorts: Cohorts, at: float) -> str:
    cohorts.look(at)
    kept = json.loads(figures_of.episodes.read() or "{}")
    return str(kept['cohort:{"segment":"smb"}']["nrr_at_risk"][2])
