"""Records rebuilt from the topics beside workers that run, and workers that go on from them, on a real broker."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import Broker
from tests.chaos.kafka.cluster import PLAYS, Cluster
from tests.kafka.talking import send, settings, until, workers
from tests.kafka.test_configuration import load, of_play, settle, two_users
from tests.kafka.test_outputs import command
from tests.streams.embedded.sent import group, track

pytestmark = pytest.mark.timeout(240)

ACCOUNTS = [f"a{number}" for number in range(24)]


def rebuilt(given: Mapping[str, str], name: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, said = command(given, "replay", "--from-kafka", "--into-namespace", name, "--plays", str(PLAYS), *arguments)
    return code, said[0] if said else {}


def work(given: Mapping[str, str], cluster: Cluster) -> None:
    """Some accounts with all that there is of a record: users, traits, what people say, duplicates, nonsense."""
    sent = [
        *two_users(ACCOUNTS), *two_users(ACCOUNTS[:4]),
        *(("usage", account, track(f"{account}.third", account, 3)) for account in ACCOUNTS[:8]),
        *(("accounts", account, group(account, account, segment="SMB", arr=1000.0)) for account in ACCOUNTS[::2]),
        ("usage", "a1", b"{"),
    ]  # fmt: skip
    send(given, sent)
    settle(given, cluster)
    until(lambda: len(of_play(given, "team_grew")) >= 8, cluster)
    time.sleep(1.0)


def test_rebuilt_records_are_the_same_as_those_of_workers_that_go_on_meanwhile(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=3)
    with workers(given, tmp_path) as cluster:
        work(given, cluster)
        with load(given, ACCOUNTS[12:]):
            time.sleep(1.0)
            code, said = rebuilt(given, "again")
        assert (code, said["same"], said["accounts"]) == (0, 24, 24), said
        assert (said["different"], said["missing"], said["only_rebuilt"], said["behind"]) == (0, 0, 0, 0)
        assert said["refused"] == 1
        assert cluster.failures == []
