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
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

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
LOOK_S = 0.1
RUN_S_MAX = 300.0
DAY_S = 86_400
OURS = Path(__file__).parent / "peers" / "ours"


class Group:
    """Workers that share the partitions."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self._admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="workers")
        self._name = name
        self._places = [TopicPartition(PREFIX + INPUTS["usage"], number) for number in range(PARTITIONS)]
        given = {"bootstrap_servers": bootstrap, "prefix": PREFIX, "group": name, "partitions": PARTITIONS}
        administration.create(load_settings(None, **given))
        self.environment = {f"ACCOUNTPULSE_KAFKA_{key.upper()}": str(value) for key, value in given.items()}
        self.environment["ACCOUNTPULSE_KAFKA_CHECKPOINT_S"] = "1"

    def command(self) -> list[str]:
        """What starts one of them."""
        files = ["--profile", str(OURS / "profile.yaml"), "--plays", str(OURS / "plays.yaml")]
        return [str(Path(sys.executable).with_name("accountpulse")), "worker", "--port", "0", *files]

    def committed(self) -> int:
        """Events that are done for good."""
        try:
            told = self._admin.list_group_offsets({self._name: self._places})[self._name]
        except (KafkaError, KeyError):  # there is no such group yet
            return 0
        return sum(max(0, one.offset) for one in told.values())


def run(bootstrap: str, name: str, workers: int, events: int) -> dict[str, float]:
    """One run."""
    group, until = Group(bootstrap, name), time.monotonic() + RUN_S_MAX
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(group.command(), group.environment)) for _ in range(workers)]
        seen: list[tuple[float, int, float]] = []
        while not seen or seen[-1][1] < END * events:
            for process in processes:
                process.check()
            if time.monotonic() > until:
                raise SystemExit(f"not done in {RUN_S_MAX:.0f} s; {seen[-1:]}")
            time.sleep(LOOK_S)
            committed = group.committed()
            if committed >= BEGIN * events and (not seen or committed > seen[-1][1]):
                seen.append((time.time(), committed, _cpu_s(processes, committed)))
    (began, first, before), (ended, last, after) = seen[0], seen[-1]
    return {
        "workers": workers,
        "events_per_s": round((last - first) / (ended - began)),
        "cpu_s_per_million": round((after - before) / (last - first) * 1e6, 2),
    }


def _cpu_s(processes: Sequence[Process], moment: int) -> float:
    for process in processes:
        process.note(str(moment), time.time())
    return sum(process.cpu_s[str(moment)] for process in processes)


def main() -> None:
    events = Events(int(sys.argv[1]) if sys.argv[1:] else EVENTS, end=int(time.time()) // DAY_S * DAY_S)
    with tempfile.TemporaryDirectory() as directory, Broker(Path(directory)) as broker:
        topics, topic = Topics(broker.bootstrap), PREFIX + INPUTS["usage"]
        Group(broker.bootstrap, "workers")  # whose topics are those of all
        topics.fill(topic, events)
        for number in range(ROUNDS):
            for workers in (1, 2):
                found = run(broker.bootstrap, f"workers.{number}.{workers}", workers, events.count)
                print(json.dumps({**found, "cores": os.cpu_count()}), flush=True)
                topics.clear(but={topic})


if __name__ == "__main__":
    main()
