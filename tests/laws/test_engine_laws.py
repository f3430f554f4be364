"""Laws of the core as runtimes call it: it publishes what the oracle says; no crash and no short cut shows."""

from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from plays.engine import Effects, Engine, names
from plays.playbook import Playbook, load_playbook, starter_playbook
from scoring.event import Event
from tests.laws.histories import ACCOUNT, DAY, histories
from tests.laws.profiles import DEFAULT
from tests.oracle.agreement import close
from tests.oracle.score import band, judge

HERE = Path(__file__).parent

PLAYBOOKS: dict[str, Playbook] = {
    "starter": starter_playbook(names(DEFAULT)),
    **{
        name: load_playbook(HERE.joinpath(f"{name}_plays.yaml").read_text(), file=name, profile_names=names(DEFAULT))
        for name in ("sharp", "gated")
    },
}

TURNS_MAX = 200
"""Turns of one history: a play that wants to be looked at every hour must not take all day."""

SILENT_DAYS = 100
"""Days that a history goes on after its last arrival."""

every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)
some_years = histories(spans=(100, 200, 500))
fewer = settings(max_examples=min(60, settings().max_examples // 2))
"""An example is a life of hundreds of evaluations."""

Turn = tuple[float, list[Event]]


def lived(events: Sequence[Event], deadlines: list[float]) -> Iterator[Turn]:
    """What a runtime does with an account: at each arrival and each deadline, (instant, what has arrived).

    `deadlines`: when to look again at the latest; the caller keeps it up to date between the turns.
    """
    waiting = list(events)
    end = max((event.arrived for event in events), default=0.0) + SILENT_DAYS * DAY
    at = 0.0
    for _ in range(TURNS_MAX):
        at = max(at, min(*deadlines, waiting[0].arrived if waiting else end))
        batch = [event for event in waiting if event.arrived <= at]
        waiting = waiting[len(batch) :]
        yield at, batch
        if at >= end:
            return


def bandless(trigger: dict[str, Any]) -> dict[str, Any]:
    """A trigger but for the band: by its hysteresis that looks back at evaluations which a lean run leaves out."""
    return {**trigger, "data": {key: value for key, value in trigger["data"].items() if key != "band"}}


@pytest.mark.parametrize("playbook", [PLAYBOOKS["sharp"], PLAYBOOKS["gated"]], ids=["sharp", "gated"])
@fewer
@given(events=some_years)
def test_runs_that_publish_no_scores_move_the_same_episodes(playbook: Playbook, events: list[Event]) -> None:
    """They leave out evaluations that can move no play; what a full run moves at an instant, they move then too."""
    full, lean = Engine(DEFAULT, playbook), Engine(DEFAULT, playbook, publishing=False)
    one, two = full.account(ACCOUNT), lean.account(ACCOUNT)
    deadlines = [inf]
    for at, batch in lived(events, deadlines):
        ours, theirs = full.advance(one, batch, at), lean.advance(two, batch, at)
        assert theirs.moves == ours.moves
        assert [bandless(trigger) for trigger in theirs.triggers] == [bandless(trigger) for trigger in ours.triggers]
        assert theirs.score is None
        deadlines[:] = ours.deadline, theirs.deadline


@pytest.mark.parametrize("playbook", [PLAYBOOKS["sharp"], PLAYBOOKS["starter"]], ids=["sharp", "starter"])
@fewer
@given(events=some_years)
def test_a_run_that_is_asked_for_its_scores_publishes_what_a_full_one_does(
    playbook: Playbook, events: list[Event]
) -> None:
    """Asked after every turn: the same scores with the same reasons, at the same instants, and asking moves no play."""
    full, lean = Engine(DEFAULT, playbook), Engine(DEFAULT, playbook, publishing=False)
    assert lean.sparing
    one, two = full.account(ACCOUNT), lean.account(ACCOUNT)
    deadlines = [inf]
    for at, batch in lived(events, deadlines):
        ours, theirs = full.advance(one, batch, at), lean.advance(two, batch, at)
        published, again = lean.publish(two, at)
        assert published == ours.score
        assert theirs.moves == ours.moves
        assert lean.publish(two, at) == (None, again)
        deadlines[:] = ours.deadline, theirs.deadline, again


@every_playbook
@fewer
@given(events=some_years)
def test_a_record_that_is_stored_between_any_two_turns_lives_the_same_life(
    playbook: Playbook, events: list[Event]
) -> None:
    engine = Engine(DEFAULT, playbook)
    kept, stored = engine.account(ACCOUNT), engine.account(ACCOUNT)
    deadlines = [inf]
    for at, batch in lived(events, deadlines):
        ours, theirs = engine.advance(kept, batch, at), engine.advance(stored, batch, at)
        assert theirs == ours
        stored = engine.unpack(engine.pack(stored))
        deadlines[:] = [ours.deadline]


@every_playbook
@fewer
@given(events=some_years)
def test_what_is_handed_over_twice_has_its_effects_once(playbook: Playbook, events: list[Event]) -> None:
    """After a crash the log hands a batch over again: nothing is published, moved or sent a second time."""
    engine = Engine(DEFAULT, playbook)
    account = engine.account(ACCOUNT)
    deadlines = [inf]
    for at, batch in lived(events, deadlines):
        effects = engine.advance(account, batch, at)
        again = engine.advance(account, batch, at)
        assert again == Effects(None, (), (), again.deadline)
        deadlines[:] = [effects.deadline]


@fewer
@given(events=some_years)
def test_what_is_published_is_what_the_oracle_says_and_only_when_it_changed(events: list[Event]) -> None:
    """H1, over a life of arrivals and deadlines: score, band with hysteresis, override."""
    engine = Engine(DEFAULT, PLAYBOOKS["starter"])
    account = engine.account(ACCOUNT)
    seen: list[Event] = []
    before: tuple[float | None, str | None] | None = None
    deadlines = [inf]
    for turn, (at, batch) in enumerate(lived(events, deadlines)):
        effects = engine.advance(account, batch, at)
        deadlines[:] = [effects.deadline]
        seen += batch
        assert (effects.score is None) == (before == account.published)
        assert account.published is not None
        score, banded = account.published
        if effects.score is not None:
            assert (effects.score.score, effects.score.band) == (score, banded)
        if turn % 10 == 0:  # the oracle reads everything again each time
            said = judge(seen, DEFAULT.file, at=at)
            by_hand = said.override or (None, None)
            expected = said.value if by_hand[0] is None else by_hand[0]
            assert (score is None) == (expected is None)
            assert expected is None or score == pytest.approx(expected, abs=0.005 + 1e-9)
            held = None if before is None else before[1]
            assert score is None or banded == (by_hand[1] or band(score, held, said.bands, DEFAULT.file.hysteresis))
            assert effects.score is None or close(effects.score.value, said.value)
        before = account.published
