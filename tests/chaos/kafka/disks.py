"""Workers whose directory is taken away, and whose disk is full: they keep nothing on either."""

import asyncio
import resource
import shutil
import subprocess
from pathlib import Path

from tests.chaos.kafka.stage import Stage

MUTE = ("/bin/sh", "-c", 'exec "$@" >/dev/null 2>/dev/full', "sh")
"""Before a command whose log has no room."""

END_S_MAX = 30.0


async def disks(stage: Stage) -> None:
    """Three workers start, each in an empty directory of its own: one loses that, one's disk fills while it runs, and
    one finds no room for a byte from its start on. They are killed in this order, so that the last one is alone.
    """
    stage.problems += await asyncio.to_thread(_silent, stage)
    for number in range(stage.length):
        before = list(stage.cluster.workers)
        homes = [stage.directory / f"home{number}.{name}" for name in ("removed", "filled", "full")]
        for home in homes:
            home.mkdir()
        removed, filled = [stage.cluster.start(inside=home) for home in homes[:2]]
        for worker in before:
            stage.cluster.kill(worker)
        await stage.ready()
        await stage.pause(1.0, 2.0)
        stage.problems += [f"a worker left {path}" for home in homes[:2] for path in home.iterdir()]
        shutil.rmtree(homes[0])
        _fill(filled)
        _fill(_mute(stage, homes[2]))
        await stage.pause(4.0, 6.0)
        stage.cluster.kill(removed)
        await stage.pause(1.0, 3.0)
        stage.cluster.kill(filled)
        stage.problems += [f"a worker left {path}" for path in homes[2].iterdir()]
        stage.note("directories removed")
        stage.note("disks filled", 2)


def _mute(stage: Stage, home: Path) -> "subprocess.Popen[bytes]":
    """A worker that can log nothing."""
    command = stage.cluster.command
    stage.cluster.command = [*MUTE, *command]
    try:
        return stage.cluster.start(inside=home)
    finally:
        stage.cluster.command = command


def _fill(worker: "subprocess.Popen[bytes]") -> None:
    """From now on it can't write to any file."""
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (0, 0))


def _silent(stage: Stage) -> list[str]:
    """A worker that can't even say where it listens must end, with an exit code that tells."""
    worker = stage.cluster.start(log=Path("/dev/full"))
    stage.cluster.workers.remove(worker)  # nobody starts it again
    try:
        code = worker.wait(END_S_MAX)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
        return ["a worker that can say nothing went on"]
    return [] if code > 0 else [f"a worker that can say nothing ended with {code}"]
