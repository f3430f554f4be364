"""A broker that is away for longer than a worker waits for a place to read from."""

import time
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from streams.kafka.transport import SEEK_S_MAX
from tests.chaos.kafka.verdict import judge
from tests.kafka.conftest import require_java
from tests.kafka.talking import all_taken, of_seven, send, settings, until, workers

pytestmark = pytest.mark.timeout(300)

AWAY_S = 40.0


def test_workers_outlive_brokers_that_are_away(prefix: str, tmp_path: Path) -> None:
    require_java()
    assert AWAY_S > SEEK_S_MAX
    with Broker(tmp_path / "broker") as broker:
        given = settings(broker.bootstrap, prefix)
        with workers(given, tmp_path, 2) as cluster:
            until(cluster.ready, cluster)
            send(given, of_seven(range(700)))
            broker.kill()  # in the midst of what they do with these
            time.sleep(AWAY_S)
            broker.start()
            send(given, of_seven(range(700, 800)))
            all_taken(given, cluster)
            assert cluster.reap() == 0
            assert cluster.started == 2
        assert judge(broker.bootstrap, prefix).differences == []
