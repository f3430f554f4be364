"""The shipped plays (mission, section 4): each fires on its story, and not on the story's harmless neighbour."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plays.case import load_cases
from plays.engine import Engine, names
from plays.playbook import Playbook, starter_playbook
from plays.reason import fill
from plays.rehearsal import Outcome, rehearse, through
from scoring.event import Event
from scoring.profile import default_profile
from streams.vocabulary import shipped
from streams.wire import decode

FILE = Path(__file__).with_name("starter.test.yaml")


def starter() -> Playbook:
    return starter_playbook(names(default_profile()))


def outcomes() -> list[Outcome]:
    document = load_cases(FILE.read_text(encoding="utf-8"), file=FILE.name)
    playbook = starter()
    return list(rehearse(document, playbook, through(Engine(default_profile(), playbook), intake)))


def intake(messages: Sequence[Mapping[str, Any]]) -> list[Event]:
    decoded = decode([json.dumps(message).encode() for message in messages], vocabulary=shipped())
    assert decoded.dead == []
    return decoded.events


@pytest.mark.parametrize("outcome", outcomes(), ids=lambda outcome: outcome.name)
def test_the_shipped_plays_do_as_their_test_file_says(outcome: Outcome) -> None:
    assert [str(problem) for problem in outcome.problems] == []


def test_every_shipped_play_opens_in_some_case() -> None:
    opened = {opened.play for outcome in outcomes() for opened in outcome.opened}
    assert opened == set(starter().plays) == {
        "adoption_drop", "going_silent", "champion_left", "onboarding_stalled", "sla_at_risk", "renewal_at_risk",
        "nrr_risk", "seats_unused", "ready_to_expand", "ready_to_advocate",
    }  # fmt: skip


def test_no_shipped_condition_needs_a_call_of_cel() -> None:
    for rule in starter().rules.values():
        assert rule.condition.native
        assert rule.clear is None or rule.clear.native


def test_every_shipped_play_says_who_acts_by_when_and_why() -> None:
    for play in starter().plays.values():
        assert play.description
        assert play.audience
        assert play.due_in
        assert play.reason
        assert play.expire_after
        assert play.cooldown >= 30 * 86_400


@pytest.mark.parametrize(
    ("tickets", "overdue", "days", "said"),
    [
        (1, 0, 0.08, "Open tickets: 1, past their SLA: 0; days to the next SLA: 0.08 (below zero: past it)."),
        (3, 2, -1.04, "Open tickets: 3, past their SLA: 2; days to the next SLA: -1.04 (below zero: past it)."),
    ],
)
def test_the_reason_of_an_sla_at_risk_reads_well_for_any_number(
    tickets: float, overdue: float, days: float, said: str
) -> None:
    values = {"metrics.open_tickets": tickets, "metrics.overdue_tickets": overdue, "metrics.sla_days": days}
    assert fill(starter().plays["sla_at_risk"].reason or "", values) == said
