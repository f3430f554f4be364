"""The guide's examples run as written."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plays.case import load_cases
from plays.engine import Engine, names
from plays.playbook import load_playbook, starter_playbook
from plays.rehearsal import rehearse, through
from scoring.event import Event
from scoring.profile import default_profile
from streams.vocabulary import shipped
from streams.wire import decode

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "plays.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_guide_has_a_play_and_a_case_of_values_and_of_events() -> None:
    assert len(EXAMPLES) == 3


def test_the_guides_play_loads() -> None:
    playbook = load_playbook(EXAMPLES[0], file="plays.md", profile_names=names(default_profile()))
    assert list(playbook.plays) == ["going_quiet"]


@pytest.mark.parametrize("text", EXAMPLES[1:], ids=["values", "events"])
def test_the_guides_cases_pass(text: str) -> None:
    playbook = starter_playbook(names(default_profile()))
    engine = Engine(default_profile(), playbook)
    (outcome,) = rehearse(load_cases(text, file="plays.md"), playbook, through(engine, intake))
    assert outcome.problems == ()
    assert len(outcome.opened) == 1


def intake(messages: Sequence[Mapping[str, Any]]) -> list[Event]:
    decoded = decode([json.dumps(message).encode() for message in messages], vocabulary=shipped())
    assert decoded.dead == []
    return decoded.events
