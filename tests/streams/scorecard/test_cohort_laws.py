"""Whatever dies between two steps of a look, and however figures, answers and time go on: each episode's trigger goes
out once, as it was first made, and none is left out.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plays.cohort import load_cohort_plays
from plays.trigger import trigger_id
from scorecard.model.database import Database
from scorecard.model.episodes import Episodes
from scorecard.report.source import Source
from scorecard.settings.file import default_scorecard
from scoring.subject import subject
from streams.dead_letter import DeadLetter
from streams.scorecard.cohorts import Cohorts, Trigger
from streams.scorecard.opening import source
from streams.scorecard.watched import unpack
from tests.streams.scorecard.test_cohorts import DAY, NOW, Out, answer, paying, segment

PLAYS = load_cohort_plays(
    """
version: "1"
by: [segment]
accounts_min: 2
plays:
  low: {title: Low, condition: figures.R3 < 0.95, cooldown: 5d, expire_after: 20d, owner: CS,
        action: {kind: [expansion_campaign], summary: Grow it.}}
  very_low: {title: Very low, condition: figures.R3 < 0.6, hold_for: 2d, settle_for: 2d, cooldown: 0s, owner: CS,
        action: {kind: [expansion_campaign], summary: Grow it.}}
""",
    file="plays.yaml",
    figures=["R3"],
)
SEGMENTS = ("a", "b")
STEPS = ("before", "kept", "put", "out", None)


class Died(Exception):
    """The process is gone; what it had in memory with it."""


class Mortal(Episodes):
    """Dies before it writes, or after."""

    dies: str | None = None

    def write(self, text: str, before: str | None, *, durable: bool) -> bool:
        if self.dies == "before":
            raise Died
        done = super().write(text, before, durable=durable)
        if self.dies == "kept":
            raise Died
        return done


class Mailbox(Out):
    """Takes triggers, and sees that one that comes again is the same; its owner dies before it takes them, or after."""

    dies: str | None = None

    def __call__(self, triggers: Sequence[Trigger], letters: Sequence[DeadLetter]) -> bool:
        if self.dies == "put":
            raise Died
        for trigger in triggers:
            assert self.kept.get(trigger["id"], trigger) == trigger
        taken = super().__call__(triggers, letters)
        if self.dies == "out":
            raise Died
        return taken


def look(cohorts: Cohorts, figures_of: Source, out: Mailbox, at: float, dies: str | None) -> bool:
    """Look; whether it lived."""
    assert isinstance(figures_of.episodes, Mortal)
    figures_of.episodes.dies = out.dies = dies
    try:
        cohorts.look(at)
    except Died:
        return False
    finally:
        figures_of.episodes.dies = out.dies = None
    return True


MOVES = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(SEGMENTS), st.sampled_from([40, 90, 120])),
    st.tuples(st.just("wait"), st.integers(0, 12)),
    st.tuples(st.just("say"), st.sampled_from(SEGMENTS), st.sampled_from(["low", "very_low"]),
              st.integers(1, 4), st.sampled_from(["play_acknowledged", "play_done", "play_dismissed"])),
    st.tuples(st.just("look"), st.sampled_from(STEPS)),
    st.tuples(st.just("look"), st.none()),
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MOVES, min_size=4, max_size=25))
@example([("pay", "a", 40), ("pay", "a", 40), ("look", None), ("say", "a", "very_low", 1, "play_acknowledged")])
def test_each_episode_has_one_trigger_and_nothing_is_left_out_whatever_dies(moves: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as place, closing(Database(Path(place) / "scorecard.db")) as database:
        figures_of = source(database, default_scorecard())._replace(episodes=Mortal(database))
        figures_of.model.take([event for name in SEGMENTS for event in segment(name, 3, 100)], {})
        out, now, day, said = Mailbox(), NOW, 2, dict[int, str]()
        cohorts = Cohorts(PLAYS, lambda: figures_of, out, out.published)
        for number, (kind, *given_) in enumerate(moves):
            if kind == "pay":
                day += 1
                figures_of.model.take(paying(given_[0], 3, given_[1], f"2026-03-{day:02}"), {})
            elif kind == "wait":
                now += given_[0] * DAY
            elif kind == "say":
                name, play, episode, word = given_
                said[number] = trigger_id(subject(_cohort(name)), play, episode)
                event = answer(word, number, _cohort(name), trigger_id=said[number])
                figures_of.model.take([event], {})
            elif not look(cohorts, figures_of, out, now, given_[0]):
                cohorts = Cohorts(PLAYS, lambda: figures_of, out, out.published)
        cohorts.look(now)
        watched = unpack(figures_of.episodes.read())
        assert (watched.triggers, watched.letters) == ([], [])
        expected = [
            trigger_id(one["subject"], one["play"], number)
            for one in watched.to_json()
            for number in range(1, one["number"] + (one["phase"] != "pending"))
        ]
        assert sorted(out.kept) == sorted(expected)
        assert watched.heard == len(said)
        assert {letter.position for letter in out.letters} >= {
            f"answer:answer-{number}" for number, named in said.items() if named not in out.kept
        }


def _cohort(name: str) -> Mapping[str, str]:
    return {"segment": name}
