"""Workers on a real broker, behind producers that write within transactions."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from deploy.kafka.broker import Broker
from streams.kafka.topics import TRIGGERS
from tests.chaos.kafka.verdict import Expectation, judge, messages
from tests.kafka.silence import assert_noticed_in_time, quiet_since
from tests.kafka.talking import all_taken, send, settings, until, workers
from tests.kafka.test_metrics import figures
from tests.kafka.transacting import Transacting, transacting
from tests.streams.embedded.sent import Message, track

pytestmark = pytest.mark.timeout(180)


def usage(numbers: Iterable[int], accounts: int = 7) -> list[tuple[str, str, Message]]:
    """Of some accounts, each message with a user of its own."""
    return [("usage", f"a{n % accounts}", track(n, f"a{n % accounts}", n)) for n in numbers]


def unread(log: Path) -> float:
    """What a worker says that it has yet to apply; it counts as unread until it says so."""
    found = figures(log)
    if found["accountpulse_worker_unmeasured_partitions"] or not found["accountpulse_worker_partitions"]:
        return -1.0
    return found.get("accountpulse_worker_lag_messages:usage", -1.0)


def test_what_was_committed_counts_once_and_what_was_aborted_never(broker: Broker, prefix: str, tmp_path: Path) -> None:
    given = settings(broker.bootstrap, prefix)
    log = tmp_path / "worker1.log"
    with workers(given, tmp_path) as cluster, transacting(given) as producer:
        until(cluster.ready, cluster)
        for round_ in range(12):
            first = round_ * 100
            producer.send(usage(range(first, first + 20)), "abort" if round_ % 3 == 1 else "commit")
            if round_ % 4 == 0:
                send(given, usage(range(first + 50, first + 55)))  # somebody who knows no transactions
        producer.send(usage(range(5_000, 5_020)), "abort")  # so that partitions end with what nobody may read
        all_taken(given, cluster)
        until(lambda: unread(log) == 0.0, cluster)
        taken = figures(log)["accountpulse_worker_messages_total:usage"]
        assert "fetching again" not in log.read_text()
        cluster.leave(cluster.workers[0], timeout_s=10.0)
    assert cluster.failures == []
    verdict = judge(broker.bootstrap, prefix)
    assert verdict.differences == []
    assert (taken, verdict.figures["distinct"]) == (8 * 20 + 3 * 5, 8 * 20 + 3 * 5)


@pytest.mark.parametrize("last", ["commit", "abort"])
def test_silence_is_noticed_in_time_on_a_partition_that_ends_with_the_mark_of_a_transaction(
    broker: Broker, prefix: str, tmp_path: Path, last: Any
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1)
    with workers(given, tmp_path) as cluster, transacting(given) as producer:
        until(cluster.ready, cluster)
        due = int(time.time()) + 8
        producer.send([("usage", "acme", quiet_since(due))])
        producer.send([("usage", "other", track(2, "other"))], last)
        (sent,) = until(lambda: list(messages(broker.bootstrap, prefix + TRIGGERS)), cluster)
    assert_noticed_in_time(sent, due)


def test_a_transaction_that_stays_open_holds_up_no_time_and_counts_when_it_ends(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=1, patience_s=10)
    log = tmp_path / "worker1.log"
    with workers(given, tmp_path) as cluster, transacting(given) as producer:
        until(cluster.ready, cluster)
        due = int(time.time()) + 8
        producer.send([("usage", "acme", quiet_since(due))])
        producer.begin(usage(range(10)))
        (sent,) = until(lambda: list(messages(broker.bootstrap, prefix + TRIGGERS)), cluster)
        assert_noticed_in_time(sent, due)
        send(given, usage(range(100, 110)))  # which wait, since they stand behind what is open
        time.sleep(13.0)  # the watchdog's patience: nobody stands still here
        assert cluster.reap() == 0
        assert figures(log)["accountpulse_worker_messages_total:usage"] == 1.0
        producer.end("commit")
        all_taken(given, cluster)
    quiet = Expectation(must={json.loads(sent.value)["id"]})
    assert judge(broker.bootstrap, prefix, quiet).differences == []


def test_a_group_that_rebalances_between_transactions_and_their_marks_loses_nothing(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, partitions=4)

    def load(producer: Transacting, rounds: range) -> None:
        for round_ in rounds:
            producer.send(usage(range(round_ * 10, round_ * 10 + 10)), "abort" if round_ % 2 else "commit")

    with workers(given, tmp_path) as cluster, transacting(given) as producer:
        until(cluster.ready, cluster)
        load(producer, range(10))
        cluster.start()
        load(producer, range(10, 40))
        until(cluster.ready, cluster)
        producer.begin(usage(range(5_000, 5_010)))
        cluster.kill(cluster.workers[0])
        send(given, usage(range(9_000, 9_010)))
        cluster.start()
        until(cluster.ready, cluster)
        producer.end("commit")
        load(producer, range(600, 620))
        all_taken(given, cluster)
    verdict = judge(broker.bootstrap, prefix)
    assert verdict.differences == []
    assert verdict.figures["distinct"] == 5 * 10 + 15 * 10 + 10 + 10 + 10 * 10
