"""Sources that are quiet, on a real broker: whether that is a source's silence or an account's."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy.kafka.broker import Broker
from scoring.days import iso
from streams.kafka.topics import INPUTS, TRIGGERS
from tests.chaos.kafka.verdict import messages
from tests.kafka.talking import all_taken, read, send, settings, until, workers
from tests.streams.embedded.sent import Message, track

pytestmark = pytest.mark.timeout(180)

QUIET_S = 4
"""After so long without a message the stream counts as dark."""


def silent_in(seconds: float) -> tuple[Message, float]:
    """The dates of an event of ten days ago, and when the playbook's ten days of silence are over, unix seconds."""
    due = int(time.time() + seconds)
    stamp = iso(due - 10 * 86_400)
    return {"receivedAt": stamp, "timestamp": stamp}, due


@contextmanager
def beating(given: Mapping[str, str]) -> Iterator[None]:
    """Heartbeats, all in one partition."""
    producer = KafkaProducer(bootstrap_servers=given["bootstrap_servers"], acks="all")
    over = threading.Event()

    def beat() -> None:
        while not over.wait(QUIET_S / 8):
            producer.send(given["prefix"] + INPUTS["usage"], value=b'{"type":"heartbeat"}', partition=0)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        producer.close()


def stays(false: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert not false()
        time.sleep(0.5)


def test_a_source_that_is_quiet_for_all_opens_nothing_until_it_is_back_and_its_backlog_had_time(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, dark_after=f"usage={QUIET_S}s")
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        dates, due = silent_in(QUIET_S + 4.0)
        send(given, [("usage", "acme", track(1) | dates), ("usage", "other", track(2, "other"))])
        sent = time.time()
        all_taken(given, cluster)
        stays(lambda: read(given, TRIGGERS), due + 4.0 - time.time())
        send(given, [("usage", "other", track(3, "other"))])
        took = time.time() - sent
        with beating(given):
            stays(lambda: read(given, TRIGGERS), took - QUIET_S)  # its senders may have more
            ((key, trigger),) = until(lambda: read(given, TRIGGERS), cluster)
    assert (key, trigger["data"]["play"]) == ("acme", "gone_quiet")
    assert any(b"stream usage is dark" in log.read_bytes() for log in tmp_path.glob("worker*.log"))
    assert cluster.failures == []


def test_heartbeats_on_one_partition_show_every_worker_that_the_silence_is_the_accounts_own(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix, dark_after=f"usage={QUIET_S}s")
    with workers(given, tmp_path, 2) as cluster:
        until(cluster.ready, cluster)
        accounts = [f"a{number}" for number in range(6)]  # of both partitions
        with beating(given):
            dates, due = silent_in(QUIET_S * 2.5)
            send(given, [("usage", account, track(1, account) | dates) for account in accounts])
            until(lambda: len(read(given, TRIGGERS)) >= len(accounts), cluster)
    told = list(messages(broker.bootstrap, prefix + TRIGGERS))
    assert sorted(message.key.decode() for message in told) == accounts
    assert all(0.0 < message.timestamp / 1000 - due < 5.0 for message in told)
    assert cluster.failures == []
