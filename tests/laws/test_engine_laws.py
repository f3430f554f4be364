"""Laws of the core as runtimes call it: what it publishes is what the oracle says, and skipping work changes nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plays.engine import Engine, names
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

TURNS_MAX = 400
"""Evaluations of one history, so that a play that asks for one every hour doesn't take all day."""

every_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)


def batches(events: Sequence[Event]) -> list[tuple[float, list[Event]]]:
    """The events by instant of arrival, in order."""
    found: dict[float, list[Event]] = {}
    for event in events:
        found.setdefault(event.arrived, []).append(event)
    return sorted(found.items())


def lived(engine: Engine, events: Sequence[Event], until: float) -> Iterator[tuple[float, list[Event], float]]:
    """(instant, what arrives, deadline that brought it or inf): arrivals, and the deadlines in between, as a runtime does."""
    raise NotImplementedError


@every_playbook
@given(events=histories(spans=(100, 200, 500)))
def test_runs_that_publish_no_scores_move_the_same_episodes(playbook: Playbook, events: list[Event]) -> None:
    """They may skip evaluations; whatever a full run opens, closes or sends at an instant, they do at that instant."""
    full, lean = Engine(DEFAULT, playbook), Engine(DEFAULT, playbook, publishing=False)
    one, two = full.account(ACCOUNT), lean.account(ACCOUNT)
    deadline = float("inf")
    waiting = batches(events)[::-1]
    end = (waiting[0][0] if waiting else 0.0) + 100 * DAY
    for _ in range(TURNS_MAX):
        at = min(deadline, waiting[-1][0] if waiting else end)
        batch = waiting.pop()[1] if waiting and waiting[-1][0] <= at else []
        ours, theirs = full.advance(one, batch, at), lean.advance(two, batch, at)
        assert theirs.moves == ours.moves
        assert [t["id"] for t in theirs.triggers] == [t["id"] for t in ours.triggers]
        if not waiting and at >= end:
            break
        deadline = max(ours.deadline, at + 1.0)
