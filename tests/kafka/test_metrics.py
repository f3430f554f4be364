"""What workers on a real broker say of themselves."""

import json
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.kafka.broker import Broker
from tests.kafka.talking import send, settings, until, workers
from tests.streams.embedded.sent import Message, track

PARTITIONS = 4


def figures(log: Path) -> dict[str, float]:
    """The series of a worker, without their labels where they have none."""
    url = next(json.loads(line)["listening"] for line in log.read_text().splitlines() if '"listening"' in line)
    families = text_string_to_metric_families(httpx.get(f"{url}/metrics").text)
    return {
        one.name + "".join(f":{value}" for value in one.labels.values()): one.value
        for family in families
        for one in family.samples
    }


def owned(log: Path) -> tuple[float, float, float]:
    found = figures(log)
    return (
        found["accountpulse_worker_partitions"], found["accountpulse_worker_accounts"],
        found["accountpulse_worker_unmeasured_partitions"],
    )  # fmt: skip


def usage(numbers: range) -> list[tuple[str, str, Message]]:
    return [("usage", f"a{n}", track(n, f"a{n}")) for n in numbers]


def test_workers_count_what_they_own_and_what_they_did(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix, partitions=PARTITIONS)
    first, second = tmp_path / "worker1.log", tmp_path / "worker2.log"
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        at_first = figures(first)
        assert at_first["accountpulse_triggers_total:team_grew"] == 0.0  # there before anything is counted
        assert at_first["accountpulse_dead_letters_total:wrong_partition"] == 0.0
        assert at_first["accountpulse_partitions"] == PARTITIONS
        send(given, [*usage(range(40)), ("usage", "a1", b"{")])
        until(lambda: owned(first) == (PARTITIONS, 40, 0), cluster)  # accounts that came after it was restored count
        until(lambda: figures(first)["accountpulse_worker_messages_total:usage"] == 41, cluster)
        until(lambda: figures(first)["accountpulse_dead_letters_total:not_json"] == 1.0, cluster)
        until(lambda: figures(first).get("accountpulse_worker_lag_messages:usage") == 0.0, cluster)
        cluster.start()
        until(lambda: cluster.ready() and owned(second)[0] > 0, cluster)
        until(lambda: sum(owned(one)[0] for one in (first, second)) == PARTITIONS, cluster)
        until(lambda: sum(owned(one)[1] for one in (first, second)) == 40, cluster)
        until(lambda: owned(first)[2] + owned(second)[2] == 0, cluster)
