"""What people say of cohorts' triggers: it moves their episodes as it does those of accounts, once."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from plays.cohort import CohortPlays, load_cohort_plays
from plays.trigger import trigger_id
from scorecard.catalogue import figures
from scorecard.model.database import Database
from scorecard.report.source import Source
from scorecard.settings.file import default_scorecard
from scoring.subject import subject
from streams.scorecard.cohorts import Cohorts
from streams.scorecard.opening import source
from streams.scorecard.watched import unpack
from tests.streams.scorecard.test_cohorts import DAY, NOW, SHIPPED, Out, answer, figures_of, paying, segment, stands

__all__ = ["figures_of"]

SMB = {"segment": "smb"}
FIRST = trigger_id(subject(SMB), "nrr_at_risk", 1)


@pytest.fixture
def out() -> Out:
    return Out()


@pytest.fixture
def plays() -> CohortPlays:
    return load_cohort_plays(SHIPPED, file="cohorts.yaml", figures=[*figures()])


@pytest.fixture
def cohorts(figures_of: Source, plays: CohortPlays, out: Out) -> Cohorts:
    """Whose first look opened an episode of smb."""
    figures_of.model.take(segment("smb", 20, 90), {})
    made = Cohorts(plays, lambda: figures_of, out, out.published)
    assert made.look(NOW) == 1
    return made


def say(figures_of: Source, name: str, number: int, cohort: Mapping[str, str] = SMB, **properties: Any) -> None:
    figures_of.model.take([answer(name, number, cohort, **properties)], {})


@pytest.mark.parametrize(
    ("name", "phase"),
    [("play_acknowledged", "acknowledged"), ("play_done", "acted"), ("play_dismissed", "spent")],
)
@pytest.mark.parametrize("named", [{"trigger_id": FIRST}, {"play": "nrr_at_risk"}], ids=["by id", "by play"])
def test_an_answer_moves_the_episode_and_is_heard_once(
    figures_of: Source, cohorts: Cohorts, out: Out, name: str, phase: str, named: dict[str, str]
) -> None:
    assert not cohorts.asked()
    say(figures_of, name, 1, SMB, **named, feedback="useful")
    assert cohorts.asked()
    cohorts.look(NOW + 60)
    say(figures_of, name, 1, SMB, **named, feedback="false_alarm")  # the same message once more
    assert not cohorts.asked()
    cohorts.look(NOW + 120)
    (episode,) = unpack(figures_of.episodes.read()).to_json()
    assert (episode["phase"], episode["feedback"], episode["id"]) == (phase, "useful", FIRST)
    assert (len(out.kept), out.letters) == (1, [])


def test_after_a_dismissal_the_trouble_must_clear_once_and_the_cooldown_pass_before_the_next(
    figures_of: Source, cohorts: Cohorts, out: Out
) -> None:
    """Dismissed on day 1, and still low on day 200; cleared on day 201; fallen again, it opens 90 days after that."""
    say(figures_of, "play_dismissed", 1, trigger_id=FIRST)
    assert cohorts.look(NOW + DAY) == 0
    assert cohorts.look(NOW + 200 * DAY) == 0
    assert stands(figures_of) == ["spent"]
    figures_of.model.take(paying("smb", 20, 200, "2026-12-01"), {})
    cohorts.look(NOW + 201 * DAY)
    assert stands(figures_of) == ["closed"]
    figures_of.model.take(paying("smb", 20, 20, "2026-12-20"), {})
    assert [cohorts.look(NOW + (201 + days) * DAY) for days in (1, 89, 90)] == [0, 0, 1]
    assert [*out.kept] == [FIRST, trigger_id(subject(SMB), "nrr_at_risk", 2)]


def test_an_answer_to_an_episode_that_is_over_moves_nothing_and_is_no_mistake(
    figures_of: Source, cohorts: Cohorts, out: Out
) -> None:
    say(figures_of, "play_dismissed", 1, trigger_id=FIRST)
    figures_of.model.take(paying("smb", 20, 120, "2026-06-02"), {})
    cohorts.look(NOW + DAY)
    figures_of.model.take(paying("smb", 20, 50, "2026-06-03"), {})
    assert cohorts.look(NOW + 92 * DAY) == 1
    say(figures_of, "play_done", 2, trigger_id=FIRST)
    cohorts.look(NOW + 93 * DAY)
    assert (stands(figures_of), out.letters) == (["open"], [])


def test_what_was_said_of_an_earlier_episode_by_its_play_alone_leaves_the_newest_when_the_database_is_made_anew(
    figures_of: Source, cohorts: Cohorts, plays: CohortPlays, out: Out, tmp_path: Path
) -> None:
    """It is heard again then, and the episode that it meant is over."""
    changes = [
        [answer("play_dismissed", 1, SMB, play="nrr_at_risk", feedback="false_alarm")],
        paying("smb", 20, 120, "2026-06-02"),
        paying("smb", 20, 50, "2026-06-03"),
    ]
    for days, change in zip((1, 2, 100), changes, strict=True):
        figures_of.model.take(change, {})
        cohorts.look(NOW + days * DAY)
    assert len(out.kept) == 2
    with closing(Database(tmp_path / "anew.db")) as database:
        anew = source(database, default_scorecard())
        anew.model.take([*segment("smb", 20, 90), *(event for change in changes for event in change)], {})
        Cohorts(plays, lambda: anew, out, out.published).look(NOW + 101 * DAY)
        (episode,) = unpack(anew.episodes.read()).to_json()
    assert (episode["number"], episode["phase"], episode["feedback"]) == (2, "open", None)
    assert out.letters == []


def test_a_senders_clock_that_is_slow_makes_no_answer_one_to_an_earlier_episode(
    figures_of: Source, cohorts: Cohorts
) -> None:
    said = answer("play_done", 1, SMB, play="nrr_at_risk").replace(at=NOW - DAY, arrived=NOW + 60)
    figures_of.model.take([said], {})
    cohorts.look(NOW + 61)
    assert stands(figures_of) == ["acted"]


def test_answers_about_two_cohorts_may_have_one_message_id(figures_of: Source, cohorts: Cohorts) -> None:
    """As everywhere: a message id is one of its subject."""
    other = {"segment": "other"}
    figures_of.model.take([answer("play_done", 1, who, play="nrr_at_risk") for who in (other, SMB)], {})
    assert [one.subject for one in figures_of.episodes.answers(0)] == [subject(other), subject(SMB)]
    cohorts.look(NOW + 60)
    assert stands(figures_of) == ["acted"]


@pytest.mark.parametrize(
    ("cohort", "properties", "field", "value"),
    [
        (SMB, {"trigger_id": "0" * 32}, "properties.trigger_id", repr("0" * 32)),
        ({"segment": "other"}, {"trigger_id": FIRST}, "properties.trigger_id", repr(FIRST)),
        (SMB, {"play": "nrr_at_rest"}, "properties.play", "'nrr_at_rest'"),
    ],
    ids=["an id that nobody has", "another cohort's id", "a play that did not open"],
)
def test_an_answer_to_nothing_is_a_dead_letter_that_names_field_and_value(
    figures_of: Source, cohorts: Cohorts, out: Out, cohort: dict[str, str], properties: dict[str, str], field: str,
    value: str,
) -> None:  # fmt: skip
    say(figures_of, "play_done", 1, cohort, **properties)
    cohorts.look(NOW + 60)
    cohorts.look(NOW + 120)
    (letter,) = out.letters
    assert (letter.reason, letter.field, letter.value) == ("unknown_trigger", field, value)
    assert subject(cohort) in letter.message
    assert letter.position == "answer:answer-1"
    assert stands(figures_of) == ["open"]


def test_an_answer_concerns_no_account_and_no_figure(figures_of: Source, cohorts: Cohorts) -> None:
    before = [book.account_id for _, books in figures_of.model.books() for book in books]
    say(figures_of, "play_done", 1, trigger_id=FIRST)
    figures_of.facets.take([answer("play_done", 1, SMB, trigger_id=FIRST)], {})
    assert [book.account_id for _, books in figures_of.model.books() for book in books] == before
    with figures_of.facets._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT account_id FROM facet_books").all() == []
