"""The episode machine: its table, its clocks, and what people say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from plays.episode import TABLE, Episode, Phase, Step, StepError, advance, deadline, feedback, take, withdraw
from plays.play import Play
from scoring.days import DAY

CASES = YAML(typ="safe").load(Path(__file__).with_name("episodes.yaml"))
TRUTHS = {"true": True, "false": False, "unknown": None}


def play(**settings: Any) -> Play:
    body = {"title": "t", "condition": "c", "owner": "CS", "action": {"kind": ["call"], "summary": "s"}, **settings}
    return Play.model_validate(body).named("p")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_episode_goes_its_way(case: dict[str, Any]) -> None:
    """Each row: [day, truth or what people say, moves expected as "phase" names, ...]; see episodes.yaml."""
    subject = play(**case["play"])
    episode: Episode | None = None
    for row in case["rows"]:
        day, given, phase, *steps = row
        at = day * DAY
        if given.startswith("play_"):
            name, _, said = given.partition(" ")
            assert episode is not None
            episode, moves = feedback(subject, episode, name, at, said or None)
        else:
            words = given.split()
            truth = TRUTHS[words[0]]
            clear = None if truth is None else not truth
            clear = TRUTHS[words[2]] if "clear" in words else clear
            episode, moves = advance(subject, episode, truth=truth, clear=clear, at=at, held="dark" in words)
            again, none = advance(subject, episode, truth=truth, clear=clear, at=at, held="dark" in words)
            assert (again, none) == (episode, ()), f"day {day}: not idempotent"
        assert [move.reason for move in moves] == steps, f"day {day}"
        assert (episode.phase if episode else "none") == phase, f"day {day}"
    numbers = case.get("opened", 1)
    assert (episode.number if episode else 0) == numbers


def test_every_phase_and_step_is_in_the_table_and_leads_somewhere_known() -> None:
    phases, steps = set(get_args(Phase)), set(get_args(Step))
    assert {phase for phase, _ in TABLE} == phases
    assert set(TABLE.values()) == phases
    assert {step for _, step in TABLE} == steps


@pytest.mark.parametrize("phase", get_args(Phase))
@pytest.mark.parametrize("step", get_args(Step))
def test_a_step_that_the_phase_does_not_know_raises(phase: Phase, step: Step) -> None:
    episode = Episode("p", 3, phase, "new", 0.0)
    if (phase, step) in TABLE:
        assert take(episode, step, 1.0)[0].phase == TABLE[phase, step]
    else:
        with pytest.raises(StepError, match=f"no step '{step}' in phase '{phase}'"):
            take(episode, step, 1.0)


def test_who_comes_late_opens_now_and_only_once() -> None:
    subject = play(hold_for="7d")
    pending, _ = advance(subject, None, truth=True, clear=False, at=0.0)
    opened, moves = advance(subject, pending, truth=True, clear=False, at=10 * DAY)
    assert opened is not None
    assert opened.opened_at == 10 * DAY
    assert [move.opens for move in moves] == [True]
    assert advance(subject, opened, truth=True, clear=False, at=11 * DAY) == (opened, ())


def test_the_trigger_belongs_to_the_move_that_opens_not_to_a_relapse() -> None:
    subject = play(settle_for="5d")
    episode, first = advance(subject, None, truth=True, clear=False, at=0.0)
    episode, _ = advance(subject, episode, truth=False, clear=True, at=DAY)
    episode, relapse = advance(subject, episode, truth=True, clear=False, at=2 * DAY)
    assert episode is not None
    assert episode.opened_at == 0.0
    assert [move.opens for move in (*first, *relapse)] == [False, True, False]
    assert relapse[0].to_phase == "open"


def test_while_the_condition_holds_nothing_clears_whatever_clear_when_says() -> None:
    subject = play(cooldown="0s")
    episode, moves = advance(subject, None, truth=True, clear=True, at=0.0)
    assert episode is not None
    assert episode.phase == "open"
    assert len(moves) == 2


def deadlines(subject: Play, rows: Sequence[tuple[float, bool | None, bool]]) -> list[float | None]:
    episode: Episode | None = None
    found = []
    for day, truth, held in rows:
        clear = None if truth is None else not truth
        episode, _ = advance(subject, episode, truth=truth, clear=clear, at=day * DAY, held=held)
        due = None if episode is None else deadline(subject, episode)
        found.append(None if due is None else due / DAY)
    return found


def test_the_deadline_is_when_time_alone_moves_the_episode() -> None:
    subject = play(hold_for="2d", settle_for="3d", cooldown="10d", expire_after="30d")
    rows = [(0, True, False), (2, True, False), (3, False, False), (6, False, False), (16, False, False)]
    assert deadlines(subject, rows) == [2, 32, 6, 16, None]


def test_a_clock_that_stands_still_has_no_deadline() -> None:
    subject = play(hold_for="2d", expire_after=None)
    assert deadlines(subject, [(0, True, False), (1, None, False), (5, True, False)]) == [2, None, 6]
    assert deadlines(subject, [(0, True, False), (1, True, True), (5, True, False)]) == [2, None, 6]


def test_an_episode_that_never_expires_has_no_deadline_while_open() -> None:
    assert deadlines(play(expire_after=None), [(0, True, False)]) == [None]


def test_a_stopped_clock_is_left_behind_with_its_phase() -> None:
    subject = play(settle_for="5d", expire_after="10d")
    episode, _ = advance(subject, None, truth=True, clear=False, at=0.0)
    episode, _ = advance(subject, episode, truth=False, clear=True, at=DAY)
    episode, _ = advance(subject, episode, truth=None, clear=None, at=2 * DAY)
    assert episode is not None
    assert (episode.phase, episode.stopped_at) == ("settling", 2 * DAY)
    episode, moves = advance(subject, episode, truth=None, clear=None, at=10 * DAY)
    assert episode is not None
    assert (episode.phase, episode.stopped_at, episode.before) == ("spent", None, None)
    assert [move.reason for move in moves] == ["expired"]


def test_a_clock_never_runs_backwards() -> None:
    subject = play(hold_for="2d")
    episode, _ = advance(subject, None, truth=True, clear=False, at=5 * DAY)
    earlier, moves = advance(subject, episode, truth=False, clear=True, at=1 * DAY)
    assert earlier is None
    assert moves[0].at == 5 * DAY


def test_feedback_for_another_play_is_our_own_mistake() -> None:
    episode, _ = advance(play(), None, truth=True, clear=False, at=0.0)
    assert episode is not None
    with pytest.raises(StepError, match="'p' given with the play 'q'"):
        feedback(play().named("q"), episode, "play_done", 1.0)


def test_a_play_withdrawn_lets_go_of_what_is_under_way_and_leaves_the_rest() -> None:
    subject = play(hold_for="1d")
    pending, _ = advance(subject, None, truth=True, clear=False, at=0.0)
    assert pending is not None
    idle, moves = withdraw(pending, 1.0)
    assert (idle.phase, idle.number, moves[0].reason) == ("idle", 0, "withdrawn")
    opened, _ = advance(subject, pending, truth=True, clear=False, at=DAY)
    assert opened is not None
    closed, moves = withdraw(opened, 2 * DAY)
    assert (closed.phase, closed.number, moves[0].reason) == ("closed", 1, "withdrawn")
    assert withdraw(closed, 3 * DAY) == (closed, ())
