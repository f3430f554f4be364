"""Laws of episodes: whatever comes in whatever order, none is lost, none opens twice, none on what nobody knows."""

import json
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from plays.episode import LIVE, TABLE, Episode, Move, advance, deadline, feedback
from plays.play import Play
from scoring.days import DAY


class Given(NamedTuple):
    """What an evaluation is given; instants in whole hours, so that sums are exact."""

    at: float
    truth: bool | None
    clear: bool | None
    held: bool
    say: str | None


class Seen(NamedTuple):
    given: Given
    before: Episode | None
    after: Episode | None
    moves: tuple[Move, ...]


HOURS = st.integers(0, 40 * 24)
TRUTH = st.sampled_from([True, True, False, False, None])
SAY = st.sampled_from([None, None, None, None, "play_acknowledged", "play_done", "play_dismissed"])


@st.composite
def plays(draw: st.DrawFn) -> Play:
    def duration(most: int) -> str:
        return f"{draw(st.integers(0, most))}h"

    expire_after = draw(st.one_of(st.none(), st.integers(1, 900)))
    body = {
        "title": "t", "condition": "c", "owner": "CS", "action": {"kind": ["call"], "summary": "s"},
        "hold_for": duration(200), "settle_for": duration(200), "cooldown": duration(500),
        "expire_after": None if expire_after is None else f"{expire_after}h",
    }  # fmt: skip
    return Play.model_validate(body).named("p")


@st.composite
def courses(draw: st.DrawFn) -> list[Given]:
    steps = draw(
        st.lists(st.tuples(HOURS, TRUTH, TRUTH, st.integers(0, 5), st.booleans(), SAY), min_size=1, max_size=40)
    )
    at, course = 0.0, []
    for hours, truth, other, dark, own_clear, say in steps:
        at += hours * 3600.0
        clear = other if own_clear else None if truth is None else not truth
        course.append(Given(at, truth, clear, dark == 0, say))
    return course


def run(play: Play, course: list[Given]) -> list[Seen]:
    """What happened; feedback is heard right after the evaluation at its instant."""
    episode: Episode | None = None
    seen = []
    for step in course:
        after, moves = advance(play, episode, truth=step.truth, clear=step.clear, at=step.at, held=step.held)
        if step.say is not None and after is not None:
            after, said = feedback(play, after, step.say, step.at)
            moves += said
        seen.append(Seen(step, episode, after, moves))
        episode = after
    return seen


@given(plays(), courses())
def test_moves_are_one_path_through_the_table(play: Play, course: list[Given]) -> None:
    moves = [move for seen in run(play, course) for move in seen.moves]
    for move in moves:
        assert TABLE[move.from_phase, move.reason] == move.to_phase
    for before, after in pairwise(moves):
        assert before.to_phase == after.from_phase
        assert before.at <= after.at
    if moves:
        assert moves[0].from_phase == "idle"


@given(plays(), courses())
def test_each_number_opens_exactly_once_and_they_ascend_from_one(play: Play, course: list[Given]) -> None:
    seen = run(play, course)
    opened = [move.number for step in seen for move in step.moves if move.opens]
    assert opened == list(range(1, len(opened) + 1))
    last = seen[-1].after
    assert len(opened) == (0 if last is None else last.number - (last.phase == "pending"))


@given(plays(), courses())
def test_nothing_opens_or_recovers_on_what_is_unknown_or_dark(play: Play, course: list[Given]) -> None:
    for step in run(play, course):
        reasons = {move.reason for move in step.moves}
        if reasons & {"condition_met", "opened"}:
            assert step.given.truth is True
        if reasons & {"recovered", "clearing", "cleared"}:
            assert step.given.clear is True
            assert step.given.truth is not True
        if step.given.held:
            assert reasons <= {"acknowledged", "done", "dismissed"}


@given(plays(), courses())
def test_a_dwell_is_as_long_as_asked_counting_only_known_time(play: Play, course: list[Given]) -> None:
    """The oracle adds up the spans that began with a true, bright evaluation, since the dwell began."""
    dwelt, known, last = 0.0, False, 0.0
    for step in run(play, course):
        if known:
            dwelt += step.given.at - last
        known, last = step.given.truth is not None and not step.given.held, step.given.at
        for move in step.moves:
            if move.reason == "condition_met":
                dwelt = 0.0
            if move.reason == "opened":
                assert dwelt >= play.hold_for
        if step.after is not None and step.after.phase == "pending" and known:
            assert dwelt < play.hold_for, "it should have opened"


@given(plays(), courses())
def test_after_an_episode_comes_the_cooldown_and_after_one_that_did_not_recover_a_clearing_first(
    play: Play, course: list[Given]
) -> None:
    closed_at, spent = float("-inf"), False
    for step in run(play, course):
        for move in step.moves:
            if move.to_phase == "closed":
                closed_at, spent = move.at, False
            if move.to_phase == "spent":
                spent = True
            if move.opens:
                assert not spent
                assert move.at >= closed_at + play.cooldown


@given(plays(), courses())
def test_an_evaluation_is_idempotent_at_its_instant(play: Play, course: list[Given]) -> None:
    episode: Episode | None = None
    for step in course:
        arguments: dict[str, Any] = {"truth": step.truth, "clear": step.clear, "at": step.at, "held": step.held}
        episode, _ = advance(play, episode, **arguments)
        assert advance(play, episode, **arguments) == (episode, ())


@given(plays(), courses())
def test_the_deadline_is_ahead_and_is_the_first_instant_at_which_time_alone_moves(
    play: Play, course: list[Given]
) -> None:
    for step in run(play, course):
        after, at = step.after, step.given.at
        if after is None or step.given.held or step.given.say is not None:
            continue
        due = deadline(play, after)
        same: dict[str, Any] = {"truth": step.given.truth, "clear": step.given.clear}
        if due is None:
            assert advance(play, after, at=at + 4000 * DAY, **same)[1] == ()
        else:
            assert due > at
            assert advance(play, after, at=due - 1.0, **same)[1] == ()
            assert advance(play, after, at=due, **same)[1] != ()


@given(plays(), courses(), st.data())
def test_looking_more_often_while_nothing_changes_opens_nothing_twice(
    play: Play, course: list[Given], data: st.DataObject
) -> None:
    """Evaluations in between, with the same inputs, may open an episode earlier, never a number again."""
    denser: list[Given] = []
    for before, after in pairwise([*course, course[-1]]):
        denser.append(before)
        if after.at > before.at and data.draw(st.booleans()):
            denser.append(before._replace(at=(before.at + after.at) / 2, say=None))
    opened = [move.number for seen in run(play, denser) for move in seen.moves if move.opens]
    assert opened == sorted(set(opened))


@given(plays(), courses())
def test_an_episode_packs_as_plain_json_and_back_unchanged(play: Play, course: list[Given]) -> None:
    for step in run(play, course):
        if step.after is not None:
            packed = json.dumps(step.after, allow_nan=False)
            assert Episode._make(json.loads(packed)) == step.after
            assert len(packed) < 512
            assert step.after.number > 0
            assert step.after.stopped_at is None or step.after.phase in ("pending", "settling")
            assert (step.after.opened_at is not None) >= (step.after.phase in LIVE)
