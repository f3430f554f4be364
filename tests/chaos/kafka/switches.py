"""Records rebuilt again and again, and workers that go on from them, while messages come in and workers die."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence

from plays.engine import Engine, names
from plays.playbook import load_playbook
from scoring.profile import load_profile
from streams.configuration import shipped
from tests.chaos.kafka.cluster import PLAYS, ROOT
from tests.chaos.kafka.stage import SESSION_S, Stage

COMMAND_S_MAX = 300.0
"""For a rebuild of all that was sent so far, half a million messages in the end, on a machine that does much else."""

MORE = "  reports: {kind: count, unit: events, owner: CS, review: weekly, window: 28d, events: [report_opened]}\n"
WIDER = shipped("profile").replace("metrics:\n", f"metrics:\n{MORE}", 1)
"""Counts what the shipped profile does not."""


async def switches(stage: Stage) -> None:
    """To a profile that counts more and back; one worker is killed while the workers are told, and another after. Every
    third time one is stopped before, and goes on when others have its partitions and have gone on to the new records.
    """
    (stage.directory / "wider.yaml").write_text(WIDER, encoding="utf-8")
    (stage.directory / "usual.yaml").write_text(shipped("profile"), encoding="utf-8")
    for number in range(stage.length):
        await stage.pause(0.5, 1.5)
        profile = ("wider", "usual")[number % 2]
        options = ["--profile", str(stage.directory / f"{profile}.yaml"), "--plays", str(PLAYS)]
        name = f"n{number}"
        await _run(stage, (0, 1), ["replay", "--from-kafka", "--into-namespace", name, *options])
        zombie = stage.dice.choice(stage.cluster.workers) if number % 3 == 1 else None
        if zombie is not None:
            stage.cluster.start()
            stage.cluster.pause(zombie)
        switching = asyncio.create_task(_run(stage, (0,), ["configuration", "switch", "--namespace", name]))
        await stage.pause(0.0, 2.5)
        _kill(stage, zombie)
        await switching
        stage.expected.core = _core(WIDER if number % 2 == 0 else shipped("profile"))
        await stage.pause(0.0, 1.5)
        _kill(stage, zombie)
        if zombie is not None:
            await stage.pause(SESSION_S + 1.0, SESSION_S + 3.0)
            stage.cluster.resume(zombie)
            stage.note("zombies")
        stage.note("switches")
        await stage.ready()


def _kill(stage: Stage, zombie: "subprocess.Popen[bytes] | None") -> None:
    """One of those that run."""
    stage.cluster.kill(stage.dice.choice([worker for worker in stage.cluster.workers if worker is not zombie]))
    stage.cluster.start()


def _core(profile: str) -> Engine:
    loaded = load_profile(profile, file="profile.yaml")
    plays = load_playbook(PLAYS.read_text(encoding="utf-8"), file="plays.yaml", profile_names=names(loaded))
    return Engine(loaded, plays)


async def _run(stage: Stage, allowed: Sequence[int], arguments: Sequence[str]) -> None:
    """Run a command of the command line beside all else, and note it as a problem when it fails."""
    given = {f"ACCOUNTPULSE_KAFKA_{name.upper()}": value for name, value in stage.settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "streams", *arguments, env={**os.environ, **given}, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, told = await asyncio.wait_for(process.communicate(), COMMAND_S_MAX)
    except TimeoutError:
        process.kill()
        await process.wait()
        stage.problems.append(f"{' '.join(arguments[:4])} did not end within {COMMAND_S_MAX:.0f} s")
        return
    if process.returncode not in allowed:
        end = (out + told)[-300:].decode(errors="replace")
        stage.problems.append(f"{' '.join(arguments[:4])} ended with {process.returncode}: {end}")
