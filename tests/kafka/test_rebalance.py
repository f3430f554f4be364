"""A group that rebalances, on a real broker."""

import sys
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from streams.kafka import administration
from tests.chaos.kafka.cluster import PLAYS, Cluster
from tests.chaos.kafka.verdict import judge
from tests.kafka.standing import SOUGHT
from tests.kafka.talking import all_taken, loaded, send, settings, until
from tests.streams.embedded.sent import track

pytestmark = pytest.mark.timeout(180)


def test_what_comes_before_the_flow_begins_again_is_taken_though_nothing_comes_after_it(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    command = [sys.executable, "-m", "tests.kafka.standing", "late", "worker", "--port", "0", "--plays", str(PLAYS)]
    cluster = Cluster(tmp_path, given, command)
    log = tmp_path / "worker1.log"
    try:
        cluster.start()
        until(cluster.ready, cluster)
        send(given, [("usage", f"a{n}", track(n, f"a{n}")) for n in range(10)])
        all_taken(given, cluster)
        cluster.start()  # and the first one goes on with half of the partitions
        until(lambda: log.read_text().count(SOUGHT) >= 2, cluster)
        send(given, [("usage", f"a{n}", track(10 + n, f"a{n}")) for n in range(10)])
        all_taken(given, cluster)
    finally:
        cluster.close()
    assert judge(broker.bootstrap, prefix).differences == []
