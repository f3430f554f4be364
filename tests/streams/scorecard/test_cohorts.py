"""Cohorts that trip a play: one episode each, its trigger once, whatever dies between."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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
from scoring.days import iso
from scoring.event import Event
from scoring.subject import subject
from streams.dead_letter import DeadLetter
from streams.scorecard.cohorts import Cohorts, Trigger
from streams.scorecard.opening import source
from streams.scorecard.watched import unpack
from tests.scorecard.facets.said import said

NOW = datetime(2026, 7, 3, tzinfo=UTC).timestamp()
DAY = 86_400.0
SHIPPED = resources.files("plays").joinpath("cohorts.yaml").read_text(encoding="utf-8")


@pytest.fixture
def plays() -> CohortPlays:
    return load_cohort_plays(SHIPPED, file="cohorts.yaml", figures=[*figures()])


@pytest.fixture
def figures_of(tmp_path: Path) -> Iterator[Source]:
    with opened(tmp_path / "scorecard.db") as found:
        yield found


@contextmanager
def opened(place: Path) -> Iterator[Source]:
    """A read model of its own."""
    with closing(Database(place)) as database:
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


def paying(name: str, accounts: int, arr: int, day: str) -> list[Event]:
    """What all accounts of a segment pay from a day on."""
    return [bought(day, f"{name}-{n}", arr, "subscription_expanded", kind="upsell") for n in range(accounts)]


def answer(name: str, number: int, cohort: Mapping[str, str], **properties: Any) -> Event:
    """What somebody says of a cohort's trigger."""
    return Event(subject(cohort), "cs", name, NOW, NOW, f"answer-{number}", "kim", properties)


def stands(figures_of: Source) -> list[str]:
    """The phases of all episodes."""
    return [one["phase"] for one in unpack(figures_of.episodes.read()).to_json()]


class Out:
    """An outbox: keeps each trigger once, and may fail."""

    def __init__(self) -> None:
        self.kept: dict[str, Trigger] = {}
        self.letters: list[DeadLetter] = []
        self.works = True

    def __call__(self, triggers: Sequence[Trigger], letters: Sequence[DeadLetter]) -> bool:
        if self.works:
            self.letters += letters
            for trigger in triggers:
                self.kept.setdefault(trigger["id"], trigger)
        return self.works

    def published(self, after: int) -> list[tuple[int, str]]:
        """Those that are out, in their order."""
        out = enumerate(map(json.dumps, self.kept.values()), 1)
        return [(number, body) for number, body in out if number > after]


def test_a_segment_whose_nrr_fell_opens_once_and_one_with_few_accounts_never(
    figures_of: Source, plays: CohortPlays
) -> None:
    """R3 of smb is 0.9 on 20 accounts: opens. enterprise grew; tiny fell to 0.5, and 19 accounts are too few."""
    events = [*segment("smb", 20, 90), *segment("enterprise", 20, 130), *segment("tiny", 19, 50)]
    figures_of.model.take(events, {})
    figures_of.facets.take(events, {})
    out = Out()
    cohorts = Cohorts(plays, lambda: figures_of, out, out.published)
    assert [cohorts.look(NOW), cohorts.look(NOW + 60), cohorts.look(NOW + DAY)] == [1, 0, 0]
    (trigger,) = out.kept.values()
    assert trigger["data"]["cohort"] == {"segment": "smb"}
    assert trigger["data"]["period"] == "12m to 2026-06"
    assert trigger["data"]["evidence"] == {"accounts": 20.0, "figures.R2": 0.9, "figures.R3": 0.9}


def test_a_trigger_that_nobody_took_is_put_out_again_as_it_was_whatever_the_figures_say_by_then(
    figures_of: Source, plays: CohortPlays
) -> None:
    figures_of.model.take(segment("smb", 20, 90), {})
    out = Out()
    out.works = False
    assert Cohorts(plays, lambda: figures_of, out, out.published).look(NOW) == 0
    figures_of.model.take(paying("smb", 20, 110, "2026-05-01"), {})
    out.works = True
    assert Cohorts(plays, lambda: figures_of, out, out.published).look(NOW + 60) == 1
    (trigger,) = out.kept.values()
    assert (trigger["time"], trigger["data"]["evidence"]["figures.R3"]) == (iso(NOW), 0.9)
    assert stands(figures_of) == ["settling"]


def test_a_database_that_was_made_anew_goes_on_from_the_triggers_that_are_out(
    figures_of: Source, plays: CohortPlays, tmp_path: Path
) -> None:
    """Else the second episode would be the first once more, and nobody would be told of it."""
    figures_of.model.take(segment("smb", 20, 90), {})
    out = Out()
    Cohorts(plays, lambda: figures_of, out, out.published).look(NOW)
    with opened(tmp_path / "anew.db") as anew:
        anew.model.take([*segment("smb", 20, 90), *paying("smb", 20, 110, "2026-05-01")], {})
        cohorts = Cohorts(plays, lambda: anew, out, out.published)
        for days in (1, 40, 140):
            cohorts.look(NOW + days * DAY)
        anew.model.take(paying("smb", 20, 50, "2026-06-01"), {})
        assert cohorts.look(NOW + 141 * DAY) == 1
    assert [one["data"]["episode"] for one in out.kept.values()] == [1, 2]


def test_a_database_that_is_replaced_under_a_running_service_goes_on_from_the_triggers_that_are_out(
    figures_of: Source, plays: CohortPlays, tmp_path: Path
) -> None:
    figures_of.model.take(segment("smb", 20, 90), {})
    out, there = Out(), [figures_of]
    cohorts = Cohorts(plays, lambda: there[-1], out, out.published)
    assert [cohorts.look(NOW), cohorts.look(NOW + 1)] == [1, 0]
    with opened(tmp_path / "anew.db") as anew:
        anew.model.take(segment("smb", 20, 120), {})
        there.append(anew)
        for days in (1, 40, 140):
            cohorts.look(NOW + days * DAY)
        anew.model.take(paying("smb", 20, 50, "2026-06-03"), {})
        assert cohorts.look(NOW + 141 * DAY) == 1
    assert [one["data"]["episode"] for one in out.kept.values()] == [1, 2]


def test_an_episode_that_another_service_opened_is_not_over_for_one_that_has_yet_to_read_why(
    figures_of: Source, plays: CohortPlays, tmp_path: Path
) -> None:
    """Else it would open once more, under another id, when the movements that tripped it are read."""
    figures_of.model.take(segment("smb", 20, 90), {})
    out = Out()
    Cohorts(plays, lambda: figures_of, out, out.published).look(NOW)
    with opened(tmp_path / "behind.db") as behind:
        behind.model.take(segment("smb", 20, 120), {})
        cohorts = Cohorts(plays, lambda: behind, out, out.published)
        assert cohorts.look(NOW + 1) == 0
        assert stands(behind) == ["open"]
        behind.model.take(paying("smb", 20, 90, "2026-03-02"), {})
        assert [cohorts.look(NOW + seconds) for seconds in (2, 59, 61)] == [0, 0, 0]
        assert stands(behind) == ["open"]
        behind.model.take(paying("smb", 20, 120, "2026-03-03"), {})
        assert cohorts.look(NOW + 62) == 0
        assert stands(behind) == ["settling"]


def test_of_two_who_look_at_one_database_one_gives_way(figures_of: Source, plays: CohortPlays) -> None:
    figures_of.model.take(segment("smb", 20, 90), {})
    out = Out()
    episodes = figures_of.episodes

    class Slow(type(episodes)):  # type: ignore[misc]
        """Lets somebody else write between reading and writing."""

        def read(self) -> str | None:
            text: str | None = super().read()
            Cohorts(plays, lambda: figures_of, out, out.published).look(NOW)
            return text

    slow = figures_of._replace(episodes=Slow(episodes._database))
    assert Cohorts(plays, lambda: slow, out, out.published).look(NOW + 1) == 0
    assert [one["time"] for one in out.kept.values()] == [iso(NOW)]


def test_it_recovers_when_the_segment_has_grown_again_and_stayed_so(figures_of: Source, plays: CohortPlays) -> None:
    """From 0.9 to 1.1, and 30 days later still: closed, without another trigger."""
    events = segment("smb", 20, 90)
    figures_of.model.take(events, {})
    out = Out()
    cohorts = Cohorts(plays, lambda: figures_of, out, out.published)
    cohorts.look(NOW)
    figures_of.model.take(paying("smb", 20, 110, "2026-05-01"), {})
    assert [_phase(figures_of, cohorts, NOW + days * DAY) for days in (1, 20, 32)] == ["settling", "settling", "closed"]
    assert len(out.kept) == 1


def _phase(figures_of: Source, cohorts: Cohorts, at: float) -> str:
    cohorts.look(at)
    return stands(figures_of)[0]
