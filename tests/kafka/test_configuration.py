"""Another configuration for workers that run, on a real broker."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from deploy.kafka.broker import Broker
from plays.trigger import trigger_id
from streams.configuration import Texts, shipped
from streams.kafka.publication import encode
from streams.kafka.topics import CONFIGURATION, INPUTS, TRIGGERS
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.verdict import messages
from tests.kafka.talking import all_taken, read, send, settings, until, workers
from tests.kafka.test_outputs import command
from tests.streams.embedded.sent import Message, track
from tests.streams.kafka.test_edition import COUNTING, LOWER

pytestmark = pytest.mark.timeout(240)

ACCOUNTS = [f"a{number}" for number in range(24)]


def publish(given: Mapping[str, str], directory: Path, plays: str, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    (directory / "plays.yaml").write_text(plays)
    return command(given, "configuration", "publish", "--plays", str(directory / "plays.yaml"), *arguments)


def smuggle(given: Mapping[str, str], *values: bytes) -> None:
    """Send past the command."""
    producer = KafkaProducer(bootstrap_servers=given["bootstrap_servers"], acks="all")
    for number, value in enumerate(values):
        producer.send(given["prefix"] + CONFIGURATION, key=f"k{number}".encode(), value=value).get(timeout=30)
    producer.close()


@contextmanager
def load(given: Mapping[str, str], accounts: Sequence[str]) -> Iterator[None]:
    """Some hundred events a second, of two users of each account."""
    producer = KafkaProducer(bootstrap_servers=given["bootstrap_servers"], acks="all", linger_ms=5)
    over = threading.Event()

    def work() -> None:
        number = 0
        while not over.wait(0.05):
            for account in accounts:
                number += 1
                value = json.dumps(track(f"load{number}", account, number // len(accounts) % 2)).encode()
                producer.send(given["prefix"] + INPUTS["usage"], key=account.encode(), value=value)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        producer.close()


def two_users(accounts: Sequence[str]) -> list[tuple[str, str, Message]]:
    return [("usage", account, track(f"{account}.{user}", account, user)) for account in accounts for user in (0, 1)]


def logs(directory: Path) -> list[str]:
    return [log.read_text(errors="replace") for log in sorted(directory.glob("worker*.log"))]


def of_play(given: Mapping[str, str], play: str) -> list[Any]:
    return [one for _, one in read(given, TRIGGERS) if one["data"]["play"] == play]


def opened(given: Mapping[str, str], play: str, count: int) -> bool:
    return len({one["id"] for one in of_play(given, play)}) >= count


def settle(given: Mapping[str, str], cluster: Cluster) -> None:
    all_taken(given, cluster)


def test_a_lower_threshold_opens_under_its_own_version_for_every_account_once_under_load(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=4)
    silent, busy, grown = ACCOUNTS[:12], ACCOUNTS[12:], "a99"
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        send(
            given, [*two_users(silent), *(("usage", grown, track(f"{grown}.{user}", grown, user)) for user in range(3))]
        )
        until(lambda: of_play(given, "team_grew"), cluster)
        with load(given, busy):
            time.sleep(1.0)
            code, (said,) = publish(given, tmp_path, LOWER)
            assert (code, said["plays"], said["position"]) == (0, "test-2", 0)
            until(lambda: len(of_play(given, "team_grew")) > len(ACCOUNTS), cluster)
        settle(given, cluster)
        time.sleep(1.0)
    triggers = {one["subject"]: one for one in of_play(given, "team_grew")}
    assert len(of_play(given, "team_grew")) == len(triggers)
    assert triggers.pop(grown)["playbookversion"] == "test-1"
    assert sorted(triggers) == sorted(ACCOUNTS)
    assert {one["playbookversion"] for one in triggers.values()} == {"test-2"}
    assert {message.partition for message in messages(broker.bootstrap, prefix + TRIGGERS)} == {0, 1, 2, 3}
    assert all("configuration 0: profile default@" in log for log in logs(tmp_path))
    assert cluster.failures == []


def test_a_bad_one_is_refused_by_all_and_the_old_one_stays_after_a_restart_too(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    other = shipped("profile").replace("metrics:\n", f"metrics:\n{COUNTING}", 1)
    (tmp_path / "other.yaml").write_text(other)
    texts = Texts((shipped("profile"), "profile.yaml"), (LOWER, "plays.yaml"), None)
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        assert publish(given, tmp_path, LOWER)[0] == 0
        until(lambda: all("configuration 0: profile" in log for log in logs(tmp_path)), cluster)
        send(given, two_users(["before"]))
        until(lambda: of_play(given, "team_grew"), cluster)

        assert publish(given, tmp_path, LOWER.replace("active_users", "users")) == (2, [])
        assert publish(given, tmp_path, LOWER, "--profile", str(tmp_path / "other.yaml")) == (2, [])
        bad = LOWER.replace("active_users >= 2.0", "users > 1.0")
        smuggle(
            given, b"nonsense", encode(texts._replace(plays=(bad, "plays.yaml")))[1],
            encode(texts._replace(profile=(other, "profile.yaml")))[1],
        )  # fmt: skip
        until(lambda: all("configuration 3 is refused" in log for log in logs(tmp_path)), cluster)
        for log in logs(tmp_path):
            assert "configuration 2 is refused, default@" in log
            assert ": plays.team_grew.condition" in log
            assert "metrics.logins is new" in log
        send(given, two_users(["during"]))
        until(lambda: len(of_play(given, "team_grew")) == 2, cluster)

        for worker in list(cluster.workers):
            cluster.leave(worker, timeout_s=10.0)
        cluster.start()
        send(given, two_users(["after"]))
        until(lambda: len(of_play(given, "team_grew")) == 3, cluster)
        code, shown = command(given, "configuration", "show")
    assert {one["playbookversion"] for one in of_play(given, "team_grew")} == {"test-2"}
    assert (code, [one["runs"] for one in shown]) == (0, [True, False, False, False])
    assert [one["refused"] is None for one in shown] == [True, False, False, False]
    assert "configuration 3 is refused" in logs(tmp_path)[-1]
    assert cluster.failures == []


def test_workers_killed_while_it_changes_go_on_under_the_new_one_and_open_nothing_twice(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=4)
    rounds = 3
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        first = [
            ("usage", account, track(f"{account}.{user}", account, user)) for account in ACCOUNTS for user in (0, 1)
        ]
        send(given, first)
        settle(given, cluster)
        with load(given, ACCOUNTS[::2]):
            for number in range(rounds):
                play, version = f"grew_{number}", f"round-{number}"
                plays = LOWER.replace("team_grew", play).replace("test-2", version)
                assert publish(given, tmp_path, plays)[0] == 0
                time.sleep(0.1 * number)
                cluster.kill(cluster.workers[number % 2])
                cluster.start()
                until(partial(opened, given, play, len(ACCOUNTS)), cluster)
        settle(given, cluster)
        time.sleep(1.0)
    for number in range(rounds):
        play = f"grew_{number}"
        ids = {one["id"] for one in of_play(given, play)}
        assert ids == {trigger_id(account, play, 1) for account in ACCOUNTS}
        assert {one["playbookversion"] for one in of_play(given, play)} == {f"round-{number}"}
    last = Counter(json.loads(message.value)["id"] for message in messages(broker.bootstrap, prefix + TRIGGERS))
    print(f"{cluster.killed} kills, {len(last)} triggers, {sum(last.values()) - len(last)} sent again")
    assert cluster.failures == []
