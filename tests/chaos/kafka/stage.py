"""What a scenario plays on, and how it is played: a broker, workers, senders, and in the end the verdict."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.settings import load_settings
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.lag import behind, lag
from tests.chaos.kafka.traffic import Habits, Traffic
from tests.chaos.kafka.verdict import Expectation, judge

SETTLE_S_MAX = 180.0
BEHIND_SHOWN = 5
LEAVE_S_MAX = 10.0
WORKERS = 3
SESSION_S = 3.0


@dataclass
class Stage:
    """What a scenario plays on."""

    broker: Broker
    settings: Mapping[str, str]
    cluster: Cluster
    dice: random.Random
    length: int
    """How often something happens."""

    directory: Path
    expected: Expectation = field(default_factory=Expectation)
    """What a scenario sends by itself, or changes, and the verdict must know of."""

    notes: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, what: str, count: int = 1) -> None:
        """Count that it happened."""
        self.notes[what] = self.notes.get(what, 0) + count

    async def pause(self, shortest_s: float, longest_s: float) -> None:
        """Let time pass."""
        await asyncio.sleep(self.dice.uniform(shortest_s, longest_s))

    async def leave(self) -> None:
        """All workers are asked to end, and do."""
        for worker in list(self.cluster.workers):
            await asyncio.to_thread(self.cluster.leave, worker, LEAVE_S_MAX)

    async def ready(self) -> None:
        """Wait until all workers have their partitions."""
        while not self.cluster.ready():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.2)

    async def settled(self) -> bool:
        """Wait until everything is committed; False, and a problem that names what is not, when that takes too long."""
        end = time.monotonic() + SETTLE_S_MAX
        whose = self.settings["bootstrap_servers"], self.settings["prefix"], self.settings["group"]
        while await asyncio.to_thread(lag, *whose):
            if time.monotonic() > end:
                left = await asyncio.to_thread(behind, *whose, self.cluster.named)
                shown = "; ".join(map(str, left[:BEHIND_SHOWN]))
                self.problems.append(f"{len(left)} partitions did not settle within {SETTLE_S_MAX:.0f} s: {shown}")
                return False
            await asyncio.sleep(0.5)
        return True


@dataclass(frozen=True)
class Scenario:
    """Something that can happen."""

    act: Callable[[Stage], Awaitable[None]]
    short: int
    """How often, in the short form."""

    long: int
    mortal: bool = False
    """Whether workers may end by themselves: one that finds itself deposed in the midst of writing must, and one that
    finds no broker does."""

    stops_broker: bool = False
    """Whether it needs a broker of its own."""

    habits: Habits | None = Habits()
    """Of the senders; None when the scenario sends by itself."""

    workers: int = WORKERS
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of the workers, where they differ."""

    on_disk: bool = False
    """Whether workers keep their records on a disk: all in the same directory."""


class Played(NamedTuple):
    """What came of a scenario."""

    figures: dict[str, int]
    problems: list[str]
    """All that is not as it must be: differences in what is there, and workers that ended though nothing was wrong."""


async def play(
    name: str, scenario: Scenario, seed: int, *, long: bool, directory: Path, broker: Broker | None = None,
    command: Sequence[str] | None = None,
) -> Played:  # fmt: skip
    """One scenario; what came of it. broker: one that may be shared, by scenarios that don't stop it; command: of the
    workers.
    """
    with ExitStack() as ours:
        if broker is None or scenario.stops_broker:
            broker = ours.enter_context(Broker(directory / "broker"))
        unique = f"chaos-{name}-{seed}-{directory.name}-"
        settings = {
            "bootstrap_servers": broker.bootstrap, "prefix": unique, "group": f"{unique}workers", "partitions": "6",
            "checkpoint_s": "0.3", "session_timeout_s": str(SESSION_S), "heartbeat_s": "0.5",
            "chunk_records_max": "500", **scenario.settings,
        }  # fmt: skip
        if scenario.on_disk:
            settings["records_directory"] = str(directory / "records")
        administration.create(load_settings(None, **settings))
        cluster = Cluster(directory, settings, list(command) if command else None)
        stage = Stage(
            broker, settings, cluster, random.Random(seed), scenario.long if long else scenario.short, directory
        )
        started = time.monotonic()
        try:
            told = await _act(stage, scenario, seed)
        finally:
            cluster.close()
        verdict = await asyncio.to_thread(judge, broker.bootstrap, unique, stage.expected)
        problems = [*stage.problems, *cluster.failures, *verdict.differences]
        figures = {
            "seed": seed, "kills": cluster.killed, **stage.notes, **told,
            "seconds": round(time.monotonic() - started), "workers_started": cluster.started,
            "rebalances": _rebalances(directory), **verdict.figures, "problems": len(problems),
        }  # fmt: skip
        return Played(figures, problems)


async def _act(stage: Stage, scenario: Scenario, seed: int) -> dict[str, int]:
    """Everything until the workers have ended; what the senders tell."""
    for _ in range(scenario.workers):
        stage.cluster.start()
    traffic, stop = None, asyncio.Event()
    sending: asyncio.Task[None] | None = None
    if scenario.habits is not None:
        traffic = Traffic(stage.broker.bootstrap, stage.settings["prefix"], seed, scenario.habits)
        sending = asyncio.create_task(traffic.run(stop))
    supervising = asyncio.create_task(_supervise(stage, mortal=scenario.mortal))
    try:
        await stage.ready()
        await scenario.act(stage)
        stop.set()
        if sending is not None:
            await sending
        if await stage.settled():
            await asyncio.sleep(2.0)  # the last outboxes
    finally:
        supervising.cancel()
    await stage.leave()
    return {} if traffic is None or not traffic.resent else {"resent": traffic.resent}


async def _supervise(stage: Stage, *, mortal: bool) -> None:
    """Start again what ended by itself, as whoever runs the workers does."""
    while True:
        for _ in range(stage.cluster.reap(expected=mortal)):
            stage.note("ended")
            stage.cluster.start()
        await asyncio.sleep(0.3)


def _rebalances(directory: Path) -> int:
    return sum(log.read_text(errors="replace").count("Joined group") for log in directory.glob("worker*.log"))
