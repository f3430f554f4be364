"""A worker as Faust's own command starts it, with everything from the environment."""

import re
import sys
from pathlib import Path

import httpx
import pytest

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.topics import HEALTH
from tests.chaos.kafka.cluster import Cluster
from tests.kafka.talking import all_taken, loaded, read, send, settings, until
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(180)

COMMAND = [sys.executable, "-m", "faust", "-A", "streams.kafka.app", "worker", "--loglevel", "info"]


def address(log: Path) -> str | None:
    """Where it says that it answers."""
    found = re.search(r"answering at (http://[0-9.:]+)", log.read_text())
    return found and found[1]


def test_fausts_own_command_starts_a_worker_that_answers_operators_and_ends_in_time(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, metrics_port=0)
    administration.create(loaded(given))
    cluster = Cluster(tmp_path, given, COMMAND)
    try:
        cluster.start()
        url = until(lambda: address(tmp_path / "worker1.log"), cluster)
        assert httpx.get(f"{url}/healthz").status_code == 200
        until(lambda: httpx.get(f"{url}/readyz").status_code == 200, cluster)
        send(given, [("usage", "acme", track(n, "acme")) for n in range(10)])
        all_taken(given, cluster)
        assert 'accountpulse_worker_messages_total{stream="usage"} 10.0' in httpx.get(f"{url}/metrics").text
        send(given, [("usage", "acme", track(99, "acme"))])
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    finally:
        cluster.close()
    assert cluster.failures == []
    assert [key for key, _ in read(given, HEALTH)][:1] == ["acme"]


def test_fausts_own_command_refuses_topics_that_do_not_fit(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded({**given, "partitions": "3"}))
    cluster = Cluster(tmp_path, given, COMMAND)
    cluster.start()
    assert cluster.workers[0].wait(60) not in (0, None)
    assert "partitions is 3, must be 2" in (tmp_path / "worker1.log").read_text()
