"""Workers that are restarted one after the other with another profile and other plays, while messages come in."""

import asyncio
from pathlib import Path

from plays.engine import Engine, names
from plays.playbook import load_playbook
from plays.trigger import trigger_id
from scoring.profile import load_profile
from streams.configuration import shipped
from streams.kafka.topics import HEALTH, TRIGGERS
from tests.chaos.kafka.cluster import PLAYS
from tests.chaos.kafka.stage import LEAVE_S_MAX, Stage
from tests.kafka.talking import read

ACCOUNTS = 2_000
"""So many that teams grow all the time, under each configuration."""

PROFILE_CHANGES = (
    ('version: "1"', 'version: "2"'),
    ("bands: {healthy: 65, watch: 40", "bands: {healthy: 70, watch: 50"),
)
PLAYS_CHANGES = (('version: "test-1"', 'version: "test-2"'), ("severity: info", "severity: warning"))
MORE_PLAYS = """
  team_is_large:
    title: The team is large
    condition: metrics.active_users >= 5.0
    expire_after: null
    owner: CS
    action: {kind: [expansion_campaign], summary: Offer the larger plan.}
"""


async def rollouts(stage: Stage) -> None:
    """The new configuration, the old one again, and so on; now and then a worker is killed and not asked to leave."""
    files, new = _other(stage.directory)
    old, first = stage.expected.core, stage.cluster.command
    stage.expected.may |= {trigger_id(f"a{number}", "team_is_large", 1) for number in range(ACCOUNTS)}
    for number in range(stage.length):
        others = number % 2 == 0
        stage.cluster.command = [*first, *files] if others else first
        stage.expected.core = new if others else old
        for place, worker in enumerate(list(stage.cluster.workers)):
            await stage.pause(0.5, 2.0)
            if place == 1:
                stage.cluster.kill(worker)
            else:
                await asyncio.to_thread(stage.cluster.leave, worker, LEAVE_S_MAX)
            stage.cluster.start()
            stage.note("replaced")
            await stage.ready()
    await stage.pause(2.0, 3.0)  # the last of them works
    stage.problems += await asyncio.to_thread(_unstamped, stage)


def _other(directory: Path) -> tuple[list[str], Engine]:
    """Another configuration under which accounts keep the same: a worker's options, and its core."""
    profile, plays = shipped("profile"), PLAYS.read_text(encoding="utf-8") + MORE_PLAYS
    for before, after in PROFILE_CHANGES:
        assert before in profile
        profile = profile.replace(before, after)
    for before, after in PLAYS_CHANGES:
        assert before in plays
        plays = plays.replace(before, after)
    for name, text in (("profile", profile), ("plays", plays)):
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    loaded = load_profile(profile, file="profile.yaml")
    options = ["--profile", str(directory / "profile.yaml"), "--plays", str(directory / "plays.yaml")]
    return options, Engine(loaded, load_playbook(plays, file="plays.yaml", profile_names=names(loaded)))


def _unstamped(stage: Stage) -> list[str]:
    """Say so when outputs do not name both configurations: then only one of them was at work."""
    stamps = {
        "profiles": {health["profile"] for _, health in read(stage.settings, HEALTH)},
        "playbooks": {trigger["playbookversion"] for _, trigger in read(stage.settings, TRIGGERS)},
    }
    return [f"{what} of outputs: {sorted(those)}" for what, those in stamps.items() if len(those) != 2]
