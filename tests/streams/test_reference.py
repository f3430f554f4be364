"""Metrics of kind `rank` are held against the account's segment by the runtimes, not only by the core."""

import json

import pytest

from plays.engine import Engine, names
from plays.playbook import Playbook, load_playbook
from scoring.days import DAY
from scoring.event import Event
from scoring.profile import Profile, load_profile
from streams.replay import Listener, Replay

PROFILE = """
name: ranked
version: "1"
metrics:
  users: {kind: distinct, of: user, stream: usage, window: 28d, unit: users, owner: Product, review: weekly}
  place: {kind: rank, of: users, unit: share, owner: CS, review: monthly}
dimensions:
  adoption: {weight: 1, metrics: {place: {weight: 1, zero_at: 0, full_at: 1}}}
bands: {good: 50, bad: 0}
"""

PLAYS = """
version: "1"
plays:
  behind:
    title: Behind its peers
    condition: score < 30.0
    clear_when: score > 70.0
    owner: CS
    action: {kind: [cs_outreach], summary: Call them.}
"""

START = 1_750_032_000.0
ACCOUNTS = 20


def _profile() -> Profile:
    return load_profile(PROFILE, file="ranked.yaml")


def _events() -> list[Event]:
    """Account n (of 1 to 20) has n users every day for ten days."""
    return [
        Event(f"acct-{n}", "usage", "viewed", at, at, f"{n}-{user}-{day}", f"u-{user}", {})
        for day in range(10)
        for n in range(1, ACCOUNTS + 1)
        for user in range(n)
        for at in (START + day * DAY + n,)
    ]


def test_replay_holds_accounts_against_their_segment() -> None:
    replay = Replay(Engine(_profile(), Playbook("1", [])), Listener())
    replay.feed(_events())
    replay.finish()
    scores = {score.account_id: score.value for score in replay.scores(replay.clock)}
    # mid-ranks of 20 different counts: account n has n - 1 below it, so (n - 1/2) / 20; a scale of 0..1 makes it
    # percent
    assert scores == {f"acct-{n}": (n - 0.5) / 20 * 100 for n in range(1, ACCOUNTS + 1)}


def test_before_the_first_reference_a_rank_is_missing() -> None:
    engine = Engine(_profile(), Playbook("1", []))
    account = engine.account("acct-1")
    engine.advance(account, _events()[:1], START + DAY)
    score = engine.score(account, START + DAY)
    assert (score.score, dict(score.missing)) == (None, {"place": "not defined"})
    assert json.dumps(score.to_json())


@pytest.mark.parametrize("publishing", [True, False])
def test_a_play_on_a_ranked_score_opens_for_those_behind_with_and_without_scores(publishing: bool) -> None:
    profile = _profile()
    playbook = load_playbook(PLAYS, file="plays.yaml", profile_names=names(profile))
    opened: list[str] = []
    replay = Replay(
        Engine(profile, playbook, publishing=publishing), Listener(lambda trigger: opened.append(trigger["subject"]))
    )
    replay.feed(_events())
    replay.finish()
    assert sorted(opened) == sorted(f"acct-{n}" for n in range(1, 7))  # (6 - 1/2) / 20 lies below 30 %
