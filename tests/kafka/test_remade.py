"""Input topics that are deleted and made anew, on a real broker."""

import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.ending import EXIT_FAILED
from streams.kafka.topics import INPUTS
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.lag import lag
from tests.chaos.kafka.verdict import packed_records
from tests.kafka.talking import SOON_S, loaded, send, settings, until, workers
from tests.kafka.test_outputs import command, run
from tests.streams.embedded.running import engine
from tests.streams.embedded.sent import Message, track

pytestmark = pytest.mark.timeout(180)


def usage(numbers: range) -> list[tuple[str, str, Message]]:
    return [("usage", "acme", track(n)) for n in numbers]


def remake(given: Mapping[str, str], topic: str) -> None:
    """Delete a topic, and make it again as it was."""
    before = administration.identities(loaded(given))[topic]
    with closing(KafkaAdminClient(bootstrap_servers=given["bootstrap_servers"])) as admin:
        admin.delete_topics([topic])
    end = time.monotonic() + SOON_S
    while administration.identities(loaded(given)).get(topic, before) == before:
        assert time.monotonic() < end
        administration.create(loaded(given))


def counted(given: Mapping[str, str]) -> dict[str, int]:
    """Messages that count, by account."""
    records = packed_records(given["bootstrap_servers"], given["prefix"])
    return {account_id: engine().unpack(packed).counted for account_id, packed in records.items()}


def ended(cluster: Cluster) -> int:
    """How its only worker ends by itself."""
    (worker,) = cluster.workers
    code = worker.wait(SOON_S)
    cluster.workers.clear()
    return code


@pytest.mark.parametrize("running", [False, True])
def test_nothing_of_a_topic_that_was_made_anew_is_passed_over(
    broker: Broker, prefix: str, tmp_path: Path, running: bool
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    topic = prefix + INPUTS["usage"]
    with workers(given, tmp_path) as cluster:
        send(given, usage(range(20)))
        until(lambda: lag(broker.bootstrap, prefix, given["group"]) == 0, cluster)
        if not running:
            cluster.leave(cluster.workers[0], timeout_s=10.0)
        remake(given, topic)
        send(given, usage(range(100, 105)))
        if not running:
            cluster.start()
        assert ended(cluster) == EXIT_FAILED
        cluster.start()  # as whoever runs it does
        assert ended(cluster) == EXIT_FAILED
        assert cluster.failures == []
        told = [path.read_text() for path in sorted(tmp_path.glob("worker*.log"))[-2:]]
        assert all(f"{topic} was deleted and made anew: its id is " in one for one in told)
        assert all("`accountpulse topics accept`" in one for one in told)
        assert lag(broker.bootstrap, prefix, given["group"]) == 5  # they count as not read
        assert counted(given) == {"acme": 20}
        accepted = until(lambda: (done := command(given, "topics", "accept"))[0] == 0 and done, cluster)
        assert accepted == (0, [{"topic": topic, "partition": 0, "accounts": 1}])
        assert command(given, "topics", "accept") == (0, [])
        cluster.start()
        until(lambda: lag(broker.bootstrap, prefix, given["group"]) == 0, cluster)
        send(given, usage(range(105, 108)))
        until(lambda: counted(given) == {"acme": 28}, cluster)


def test_topics_are_not_accepted_while_workers_run(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    with workers(given, tmp_path) as cluster:
        until(cluster.ready, cluster)
        done = run(given, "topics", "accept")
        assert done.returncode == 2
        assert f"group {prefix}group has 1 workers: stop them first" in done.stderr
        assert cluster.reap() == 0


def test_a_topic_that_is_made_anew_while_nothing_comes_ends_a_worker_too(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    with workers(given, tmp_path) as cluster:
        send(given, usage(range(3)))
        until(lambda: lag(broker.bootstrap, prefix, given["group"]) == 0, cluster)
        remake(given, prefix + INPUTS["usage"])
        assert ended(cluster) == EXIT_FAILED
