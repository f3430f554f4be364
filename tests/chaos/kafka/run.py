"""The chaos suite of the Kafka runtime: real brokers, real workers, and everything that can happen to them.

    python -m tests.chaos.kafka.run [--seed N] [--long] [SCENARIO...]

Prints a JSON line for each scenario (seed, kills, rebalances, events, triggers, differences); the last line says passed
or failed with the counts. Exit code 1 when it failed.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.settings import load_settings
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.traffic import Traffic
from tests.chaos.kafka.verdict import judge, lag

SETTLE_S_MAX = 180.0
LEAVE_S_MAX = 10.0
WORKERS = 3
SESSION_S = 3.0


class Stage:
    """What a scenario plays on."""

    def __init__(self, broker: Broker, cluster: Cluster, dice: random.Random, length: int) -> None:
        self.broker, self.cluster, self.dice = broker, cluster, dice
        self.length = length
        """How often something happens."""
        self.notes: dict[str, int] = {}

    def note(self, what: str) -> None:
        """Count that it happened."""
        self.notes[what] = self.notes.get(what, 0) + 1


Scenario = Callable[[Stage], Awaitable[None]]


async def kills(stage: Stage) -> None:
    """A random worker is killed, again and again, and another starts."""
    for _ in range(stage.length):
        await asyncio.sleep(stage.dice.uniform(0.5, 6.0))
        stage.cluster.kill(stage.dice.choice(stage.cluster.workers))
        stage.cluster.start()
        stage.note("kills")


async def joins(stage: Stage) -> None:
    """Workers join and leave every few seconds: commits must advance all the same."""
    for _ in range(stage.length):
        await asyncio.sleep(stage.dice.uniform(1.0, 4.0))
        if len(stage.cluster.workers) > 2 and stage.dice.random() < 0.5:
            await asyncio.to_thread(stage.cluster.leave, stage.dice.choice(stage.cluster.workers), LEAVE_S_MAX)
            stage.note("left")
        else:
            stage.cluster.start()
            stage.note("joined")


async def zombies(stage: Stage) -> None:
    """A worker is stopped until others have its partitions, and then goes on as if nothing had happened."""
    for _ in range(stage.length):
        await asyncio.sleep(stage.dice.uniform(1.0, 4.0))
        worker = stage.dice.choice(stage.cluster.workers)
        stage.cluster.pause(worker)
        await asyncio.sleep(SESSION_S + stage.dice.uniform(1.0, 5.0))
        stage.cluster.resume(worker)
        stage.note("zombies")


async def outages(stage: Stage) -> None:
    """The broker is restarted, killed, and stopped for a while."""
    for number in range(stage.length):
        await asyncio.sleep(stage.dice.uniform(2.0, 5.0))
        if number % 3 == 0:
            await asyncio.to_thread(stage.broker.restart)
            stage.note("restarts")
        elif number % 3 == 1:
            stage.broker.pause()
            await asyncio.sleep(stage.dice.uniform(5.0, 20.0))
            stage.broker.resume()
            stage.note("pauses")
        else:
            stage.broker.kill()
            await asyncio.to_thread(stage.broker.start)
            stage.note("broker kills")


SCENARIOS: dict[str, tuple[Scenario, int, int, bool]] = {
    "kills": (kills, 6, 40, False),
    "joins": (joins, 5, 30, False),
    "zombies": (zombies, 3, 12, True),
    "outages": (outages, 3, 9, True),
}
"""By name: the scenario, its length in the short form and in the long one, and whether workers may end by themselves:
one that finds itself deposed in the midst of writing must, and one that finds no broker does."""


async def play(name: str, seed: int, *, long: bool, directory: Path) -> dict[str, object]:
    """One scenario on a broker of its own; what came of it."""
    scenario, short_length, long_length, mortal = SCENARIOS[name]
    with Broker(directory / "broker") as broker:
        settings = {
            "bootstrap_servers": broker.bootstrap, "prefix": "chaos-", "partitions": "6", "checkpoint_s": "0.3",
            "session_timeout_s": str(SESSION_S), "heartbeat_s": "0.5", "chunk_records_max": "500",
        }  # fmt: skip
        administration.create(load_settings(None, **settings))
        cluster = Cluster(directory, settings)
        stage = Stage(broker, cluster, random.Random(seed), long_length if long else short_length)
        for _ in range(WORKERS):
            cluster.start()
        traffic, stop = Traffic(broker.bootstrap, "chaos-", seed, accounts=300, rate=800.0), asyncio.Event()
        sending = asyncio.create_task(traffic.run(stop))
        started = time.monotonic()
        supervising = asyncio.create_task(_supervise(stage, mortal=mortal))
        try:
            while not cluster.ready():  # noqa: ASYNC110 - other processes set no event
                await asyncio.sleep(0.2)
            await scenario(stage)
            stop.set()
            await sending
            settled = await _settle(broker.bootstrap)
            supervising.cancel()
            for worker in list(cluster.workers):
                await asyncio.to_thread(cluster.leave, worker, LEAVE_S_MAX)
        finally:
            cluster.close()
        verdict = await asyncio.to_thread(judge, broker.bootstrap, "chaos-")
        problems = [*([] if settled else ["it did not settle"]), *cluster.failures, *verdict.differences]
        for problem in problems[:20]:
            print(f"{name}: {problem}", file=sys.stderr)
        return {
            "scenario": name, "seed": seed, **stage.notes, "seconds": round(time.monotonic() - started),
            "workers_started": cluster.started, "rebalances": _rebalances(directory), **verdict.figures,
            "problems": len(problems),
        }  # fmt: skip


async def _supervise(stage: Stage, *, mortal: bool) -> None:
    """Start again what ended by itself, as whoever runs the workers does."""
    while True:
        for _ in range(stage.cluster.reap(expected=mortal)):
            stage.note("ended")
            stage.cluster.start()
        await asyncio.sleep(0.3)


async def _settle(bootstrap: str) -> bool:
    """Wait until everything is committed."""
    end = time.monotonic() + SETTLE_S_MAX
    while time.monotonic() < end:
        if await asyncio.to_thread(lag, bootstrap, "chaos-", "accountpulse") == 0:
            await asyncio.sleep(2.0)  # the last outboxes
            return True
        await asyncio.sleep(0.5)
    return False


def _rebalances(directory: Path) -> int:
    return sum(log.read_text(errors="replace").count("Joined group") for log in directory.glob("worker*.log"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Chaos for the Kafka runtime.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", type=Path, help="a directory for the logs, which are else thrown away")
    parser.add_argument("scenario", nargs="*", default=list(SCENARIOS), choices=[*SCENARIOS, []])
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers going away is what this is about
    failed = 0
    for name in given.scenario:
        with tempfile.TemporaryDirectory() as scratch:
            directory = given.keep / name if given.keep else Path(scratch)
            directory.mkdir(parents=True, exist_ok=True)
            told = asyncio.run(play(name, given.seed, long=given.long, directory=directory))
        failed += bool(told["problems"])
        print(json.dumps(told), flush=True)
    print(f"{'failed' if failed else 'passed'}: {len(given.scenario) - failed} of {len(given.scenario)} scenarios")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
