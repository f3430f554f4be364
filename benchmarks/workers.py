"""How do two workers compare with one?

    python -m benchmarks.workers [EVENTS]

Starts a broker and writes EVENTS (4,000,000) events of benchmarks/peers to a topic of four partitions. Then one worker,
and two in a group, read them from the beginning, ROUNDS times in turns: `accountpulse worker`, each a process, with the
profile and the play of benchmarks/peers/ours, checkpoints every second. Prints a JSON line for each run: events a
second and CPU seconds per million events of the workers together, between the moments when a tenth and nine tenths of
the events are committed, so that starting, and sharing the partitions out, are not in it. The broker is on the same
machine: on two cores, two workers and the broker share what one worker and the broker have.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers.events import PARTITIONS, Events
from benchmarks.peers.process import Process
from benchmarks.peers.topics import Topics
from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.settings import load_settings
from streams.kafka.topics import INPUTS

EVENTS = 4_000_000
ROUNDS = 3
BEGIN, END = 0.1, 0.9
"""Shares of the events between which is measured."""
PREFIX = "workers."
TOPIC = PREFIX + INPUTS["usage"]
LOOK_S = 0.1
RUN_S_MAX = 300.0
DAY_S = 86_400
OURS = Path(__file__).parent / "peers" / "ours"


def environment(bootstrap: str, group: str) -> dict[str, str]:
    """The settings of the workers of a group, whose topics are there then."""
    given = {
        "bootstrap_servers": bootstrap, "prefix": PREFIX, "group": group, "partitions": PARTITIONS, "checkpoint_s": 1,
    }  # fmt: skip
    administration.create(load_settings(None, **given))
    return {f"ACCOUNTPULSE_KAFKA_{name.upper()}": str(value) for name, value in given.items()}


def command() -> list[str]:
    """What starts a worker."""
    files = ["--profile", str(OURS / "profile.yaml"), "--plays", str(OURS / "plays.yaml")]
    return [str(Path(sys.executable).with_name("accountpulse")), "worker", "--port", "0", *files]


def run(topics: Topics, group: str, workers: int, events: int) -> dict[str, float]:
    """One run."""
    given, until = environment(topics.bootstrap, group), time.monotonic() + RUN_S_MAX
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(command(), given)) for _ in range(workers)]
        seen: list[tuple[float, int, float]] = []
        while not seen or seen[-1][1] < END * events:
            for process in processes:
                process.check()
            if time.monotonic() > until:
                raise SystemExit(f"not done in {RUN_S_MAX:.0f} s; {seen[-1:]}")
            time.sleep(LOOK_S)
            committed = sum(max(0, offset) for offset in topics.offsets(group, TOPIC).values())
            if committed >= BEGIN * events and (not seen or committed > seen[-1][1]):
                seen.append((time.time(), committed, sum(process.spent_s() for process in processes)))
    (began, first, before), (ended, last, after) = seen[0], seen[-1]
    return {
        "workers": workers,
        "events_per_s": round((last - first) / (ended - began)),
        "cpu_s_per_million": round((after - before) / (last - first) * 1e6, 2),
    }


def main() -> None:
    events = Events(int(sys.argv[1]) if sys.argv[1:] else EVENTS, end=int(time.time()) // DAY_S * DAY_S)
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory)) as broker:
        topics = Topics(broker.bootstrap)
        environment(broker.bootstrap, "workers")  # for the topics
        topics.fill(TOPIC, events)
        for number in range(ROUNDS):
            for workers in (1, 2):
                found = run(topics, f"workers.{number}.{workers}", workers, events.count)
                print(json.dumps({**found, "cores": os.cpu_count()}), flush=True)
                topics.clear(but={TOPIC})


if __name__ == "__main__":
    main()
