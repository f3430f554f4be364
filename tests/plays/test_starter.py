"""The shipped plays (mission, section 4): each fires on its story, and not on the story's harmless neighbour."""

from pathlib import Path

import pytest

from plays.case import load_cases
from plays.engine import names
from plays.playbook import Playbook, starter_playbook
from plays.rehearsal import Outcome, rehearse
from scoring.profile import default_profile

FILE = Path(__file__).with_name("starter.test.yaml")


def starter() -> Playbook:
    return starter_playbook(names(default_profile()))


def outcomes() -> list[Outcome]:
    document = load_cases(FILE.read_text(encoding="utf-8"), file=FILE.name)
    return list(rehearse(document, starter(), lambda messages, until: ()))


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
