"""Triggers: CloudEvents with the evidence, under ids that never change."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from plays.condition import Names
from plays.episode import Episode
from plays.playbook import Playbook, load_playbook
from plays.reason import number
from plays.trigger import trigger_id
from scoring.days import instant
from scoring.score import Contribution, Score

AT = instant("2024-03-01T12:00:00Z") or 0.0

NAMES: Names = {"metrics.silence": "double", "metrics.rhythm": "double", "metrics.share": "double", "traits": "map"}

CONDITION = 'metrics.silence > 20.0 && metrics.rhythm >= 3.0 && (traits.plan == "gold" || metrics.share != 1.0)'

PLAY = f"""\
version: "7"
plays:
  quiet:
    version: 3
    title: Quiet
    condition: {CONDITION}
    owner: CS
    severity: critical
    audience: [cs, sales]
    due_in: 2d
    action: {{kind: [cs_outreach], summary: Call them.}}
"""

SCORE = Score(
    "acme", AT, 41.204, 41.2, "watch", 0.81234, 0.8,
    (
        Contribution("arr_change_90d", "commercial", 0.0, "share", 100.0, 0.2, 20.0),
        Contribution("rhythm", "engagement", 4.0, "own gaps", 10.0, 0.3, 3.0),
        Contribution("active_users", "adoption", 7.0, "users", 36.4, 0.5, 18.2),
    ),
    {"engagement": 10.0}, (), "adopt", "smb", "default@1", None,
)  # fmt: skip

VALUES: dict[str, Any] = {
    "metrics.silence": 34.123456,
    "metrics.rhythm": 4.0,
    "traits": {"plan": "gold", "secret": "x"},
}


def opened(text: str = PLAY, *, number: int = 2) -> tuple[Playbook, dict[str, Any]]:
    playbook = load_playbook(text, file="plays.yaml", profile_names=NAMES)
    episodes: dict[str, tuple[Any, ...]] = {"quiet": Episode("quiet", number - 1, "idle", "cooled", AT - 1e6)}
    moves, _ = playbook.advance(VALUES, episodes, AT)
    move = next(move for move in moves if move.opens)
    return playbook, playbook.trigger(move, episodes["quiet"], SCORE, VALUES)


def test_a_trigger_is_a_cloudevent_that_the_official_package_accepts() -> None:
    _, trigger = opened()
    event = JSONFormat().read(CloudEvent, json.dumps(trigger, allow_nan=False))
    assert event.get_type() == "io.accountpulse.play.opened"
    assert event.get_source() == "/accountpulse"
    assert event.get_subject() == "acme"
    assert event.get_time() == datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert event.get_extension("playversion") == "3"
    assert event.get_extension("playbookversion") == "7"
    assert event.get_extension("profileversion") == "default@1"


def test_a_trigger_says_what_to_do_who_and_why() -> None:
    _, trigger = opened()
    assert trigger["data"] == {
        "account_id": "acme",
        "play": "quiet",
        "title": "Quiet",
        "episode": 2,
        "severity": "critical",
        "audience": ["cs", "sales"],
        "owner": "CS",
        "due_at": "2024-03-03T12:00:00Z",
        "action": {"kind": ["cs_outreach"], "summary": "Call them."},
        "reason": "silence is 34.1 (above 20), rhythm is 4 (at least 3).",
        "score": 41.2,
        "scale": "0 (bad) to 100 (good)",
        "band": "watch",
        "coverage": 0.8123,
        "stage": "adopt",
        "segment": "smb",
        "condition": CONDITION,
        "evidence": {"metrics.rhythm": 4.0, "metrics.share": None, "metrics.silence": 34.1235, "traits.plan": "gold"},
        "movers": [
            {"metric": "active_users", "value": 7.0, "unit": "users", "points": 18.2, "points_lost": 31.8},
            {"metric": "rhythm", "value": 4.0, "unit": "own gaps", "points": 3.0, "points_lost": 27.0},
        ],
    }


def test_a_reason_in_the_plays_own_words_gets_the_numbers() -> None:
    template = "{traits.name}, {metrics.silence} days on {traits.plan}: {metrics.rhythm:%}, {metrics.share}."
    _, trigger = opened(f'{PLAY}    reason: "{template}"')
    assert trigger["data"]["reason"] == "unknown, 34.1 days on gold: 400 %, unknown."
    assert set(trigger["data"]["evidence"]) == {
        "metrics.rhythm", "metrics.share", "metrics.silence", "traits.name", "traits.plan",
    }  # fmt: skip


def test_the_id_depends_on_account_play_and_number_alone() -> None:
    _, before = opened()
    playbook, after = opened(PLAY.replace("version: 3", "version: 4").replace("Quiet", "Hush"))
    assert before["id"] == after["id"] == trigger_id("acme", "quiet", 2)
    assert playbook.owns("acme", Episode("quiet", 2, "open", "opened", AT), before["id"])
    assert not playbook.owns("acme", Episode("quiet", 3, "open", "opened", AT), before["id"])
    assert not playbook.owns("acme", Episode("quiet", 2, "open", "opened", AT), None)
    assert before["playversion"] != after["playversion"]


def test_ids_of_names_that_run_into_each_other_differ() -> None:
    ids = {trigger_id("a", "b_1", 1), trigger_id("a", "b", 11), trigger_id("ab", "_1", 1), trigger_id('a","b', "1", 1)}
    assert len(ids) == 4
    assert trigger_id("acme", "going_silent", 1) == "52dff1a01f5f14f640dda76ececb5455"


def test_what_has_not_opened_has_no_trigger() -> None:
    playbook, _ = opened()
    pending = {"quiet": Episode("quiet", 1, "idle", "cooled", AT - 1e6)}
    move = next(m for m in playbook.advance(VALUES, dict(pending), AT)[0] if m.opens)
    with pytest.raises(ValueError, match="never opened: it is idle"):
        playbook.trigger(move, pending["quiet"], SCORE, VALUES)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.001, "0"),
        (0.126, "0.13"),
        (9.999, "10"),
        (12.34, "12.3"),
        (150.4, "150"),
        (-3.5, "-3.5"),
        (1e6, "1,000,000"),
    ],
)
def test_numbers_are_shown_as_people_read_them(value: float, text: str) -> None:
    assert number(value) == text
