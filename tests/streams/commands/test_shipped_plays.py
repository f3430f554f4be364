"""The shipped plays under a profile of one's own: what does not fit is left out, and that is said."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli import app
from streams.configuration import load

PROFILE = """
name: small
version: "7"
metrics:
  active_weeks: {kind: active_days, stream: usage, window: 28d, unit: days, owner: Product, review: weekly}
  rhythm: {kind: rhythm, unit: gaps, owner: Product, review: weekly}
  champion_left_days: {kind: time_since, events: [sponsor_left], unit: days, owner: CS, review: weekly}
dimensions:
  engagement: {weight: 1, metrics: {active_weeks: {weight: 1, zero_at: 0, full_at: 20}}}
bands: {good: 50, bad: 0}
"""

PLAYS = """
version: "1"
plays:
  calm:
    title: Calm
    condition: score < 10.0
    severity: info
    owner: CS
    action: {kind: [cs_outreach], summary: Call.}
"""

EVENT = {
    "type": "track",
    "messageId": "m-1",
    "event": "Report Viewed",
    "userId": "u-7",
    "timestamp": "2026-01-05T09:12:00Z",
    "context": {"groupId": "acme"},
}


def invoke(directory: Path, command: str, *options: str, profile: str | None = PROFILE) -> Result:
    """A command over one event of the account acme."""
    history, own = directory / "history.jsonl", directory / "profile.yaml"
    history.write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    own.write_text(profile or "", encoding="utf-8")
    arguments = [command, *(["acme"] if command == "explain" else []), str(history), *options]
    return CliRunner().invoke(app, [*arguments, *(["--profile", str(own)] if profile else [])], catch_exceptions=False)


@pytest.mark.parametrize("command", ["replay", "explain"])
def test_what_does_not_fit_the_profile_is_named_once_with_what_it_lacks(command: str, tmp_path: Path) -> None:
    told = invoke(tmp_path, command)
    assert told.exit_code == 0
    notes = [line for line in told.stderr.splitlines() if line.startswith("note ")]
    assert len(notes) == 1
    assert "shipped plays left out, because profile small@7 lacks: " in notes[0]
    assert "champion_left (metrics.sponsors)" in notes[0]
    assert "adoption_drop (" in notes[0]
    assert "going_silent" not in notes[0]  # looks at the score, at silence, active_weeks and rhythm: it fits
    assert not {"traits", "known"} & set(re.findall(r"\w+", notes[0]))


@pytest.mark.parametrize("command", ["replay", "explain"])
def test_nothing_is_said_when_nothing_is_left_out(command: str, tmp_path: Path) -> None:
    assert "note" not in invoke(tmp_path, command, profile=None).stderr


def test_with_plays_of_ones_own_none_are_left_out(tmp_path: Path) -> None:
    plays = tmp_path / "plays.yaml"
    plays.write_text(PLAYS, encoding="utf-8")
    told = invoke(tmp_path, "replay", "--plays", str(plays))
    assert (told.exit_code, "note" in told.stderr) == (0, False)


def test_plays_of_ones_own_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    plays = tmp_path / "plays.yaml"
    plays.write_text(PLAYS.replace("score", "metrics.nps"), encoding="utf-8")
    told = invoke(tmp_path, "replay", "--plays", str(plays))
    assert told.exit_code == 2
    assert "plays.calm.condition" in told.stderr


def test_every_shipped_play_is_either_there_or_named_as_left_out(tmp_path: Path) -> None:
    own = tmp_path / "profile.yaml"
    own.write_text(PROFILE, encoding="utf-8")
    found = load(own)
    left_out = {play for play, lacking in found.left_out if lacking}
    assert left_out | found.playbook.plays.keys() == load().playbook.plays.keys()
    assert "going_silent" in found.playbook.plays
