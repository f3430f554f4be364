"""Workers that stand still, on a real broker."""

import sys
import time
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from streams.kafka import administration
from streams.kafka.ending import EXIT_FAILED
from tests.chaos.kafka.cluster import PLAYS, Cluster
from tests.kafka.talking import SOON_S, all_taken, loaded, send, settings, until
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(180)

PATIENCE_S = 10


def _started(broker: Broker, prefix: str, directory: Path, way: str) -> tuple[dict[str, str], Cluster]:
    given = settings(broker.bootstrap, prefix, patience_s=PATIENCE_S)
    administration.create(loaded(given))
    command = [sys.executable, "-m", "tests.kafka.standing", way, "worker", "--port", "0", "--plays", str(PLAYS)]
    cluster = Cluster(directory, given, command)
    cluster.start()
    return given, cluster


@pytest.mark.parametrize("way", ["block", "cut"])
def test_a_worker_that_stands_still_while_messages_come_ends_itself(
    broker: Broker, prefix: str, tmp_path: Path, way: str
) -> None:
    given, cluster = _started(broker, prefix, tmp_path, way)
    try:
        until(cluster.ready, cluster)
        (worker,) = cluster.workers
        end = time.monotonic() + PATIENCE_S + SOON_S
        number = 0
        while worker.poll() is None:
            assert time.monotonic() < end, "it stands still, and lives"
            send(given, [("usage", "acme", track(number := number + 1, "acme"))])
            time.sleep(0.5)
        assert worker.returncode == EXIT_FAILED
        said = (tmp_path / "worker1.log").read_text()
        assert f"the worker ends: messages have come, and nothing became durable for {PATIENCE_S} s" in said
    finally:
        cluster.close()


def test_a_worker_that_is_not_told_where_to_read_on_ends_itself_though_nothing_comes(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    _, cluster = _started(broker, prefix, tmp_path, "unsaid")
    try:
        (worker,) = cluster.workers
        assert worker.wait(SOON_S) == EXIT_FAILED
        assert "the brokers did not say within 3 s where to read on" in (tmp_path / "worker1.log").read_text()
    finally:
        cluster.close()


def test_a_worker_for_which_nothing_comes_for_long_lives_and_does_at_once_what_comes_then(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given, cluster = _started(broker, prefix, tmp_path, "no")
    try:
        until(cluster.ready, cluster)
        time.sleep(PATIENCE_S * 1.5)
        send(given, [("usage", f"a{n % 50}", track(n, f"a{n % 50}")) for n in range(5_000)])
        all_taken(given, cluster)
        time.sleep(3.0)  # of which the watchdog looks once, at least
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    finally:
        cluster.close()
    assert cluster.failures == []
