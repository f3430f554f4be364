"""The broker that the other tests rely on: it starts, keeps its data, and leaves nothing behind."""

import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from deploy.kafka import libraries
from deploy.kafka.broker import EXIT_REFUSED, Broker
from deploy.kafka.libraries import BrokerError
from tests.kafka.conftest import require_java

pytestmark = pytest.mark.timeout(180)

COMMAND = [sys.executable, "-m", "deploy.kafka.broker"]
GONE_S_MAX = 40.0
ANSWER_S_MAX = 30.0


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that these tests may stop."""
    require_java()
    with Broker(tmp_path_factory.mktemp("own")) as started:
        yield started


def create(bootstrap: str, topic: str) -> None:
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)


def send(bootstrap: str, topic: str, *values: bytes, within_s: float = ANSWER_S_MAX) -> None:
    within_ms = int(within_s * 1_000)
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", max_block_ms=within_ms, request_timeout_ms=within_ms,
        delivery_timeout_ms=within_ms, linger_ms=0,
    )  # fmt: skip
    try:
        for sent in [producer.send(topic, value) for value in values]:
            sent.get(timeout=within_s)
    finally:
        producer.close(timeout=1.0)


def read(bootstrap: str, topic: str) -> list[bytes]:
    place = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        found: list[bytes] = []
        last, end = consumer.end_offsets([place])[place], time.monotonic() + ANSWER_S_MAX
        while len(found) < last and time.monotonic() < end:
            found += [one.value for one in consumer.poll(timeout_ms=500).get(place, [])]
        return found
    finally:
        consumer.close(autocommit=False)


def listens(bootstrap: str) -> bool:
    host, port = bootstrap.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=2.0).close()
    except OSError:
        return False
    return True


def answers(bootstrap: str) -> bool:
    """Whether it says within a second which requests it knows; kafka-python leaks its sockets when nobody does."""
    host, port = bootstrap.split(":")
    with socket.create_connection((host, int(port)), timeout=1.0) as connection:
        connection.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))  # ApiVersions 0, correlation 1, no client id
        try:
            return connection.recv(8)[4:] == struct.pack(">i", 1)
        except TimeoutError:
            return False


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + GONE_S_MAX
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def test_what_is_sent_to_a_topic_is_read_from_it(broker: Broker, prefix: str) -> None:
    create(broker.bootstrap, f"{prefix}a")
    send(broker.bootstrap, f"{prefix}a", b"1", b"2", b"3")
    assert read(broker.bootstrap, f"{prefix}a") == [b"1", b"2", b"3"]


def test_the_shared_broker_cannot_be_stopped_by_a_test(broker: Broker) -> None:
    for do in (broker.stop, broker.kill, broker.pause, broker.restart):
        with pytest.raises(BrokerError, match="others have started it"):
            do()
    with pytest.raises(BrokerError, match="is taken"):
        broker.start()
    assert listens(broker.bootstrap)


def test_a_topic_that_nobody_made_is_not_there(broker: Broker, prefix: str) -> None:
    with pytest.raises(KafkaError):
        send(broker.bootstrap, f"{prefix}none", b"1", within_s=1.0)


def test_port_and_data_survive_a_restart_and_a_kill(own: Broker, prefix: str) -> None:
    topic, before = f"{prefix}a", (own.bootstrap, own.pid)
    create(own.bootstrap, topic)
    send(own.bootstrap, topic, b"1")
    own.restart()
    assert own.bootstrap == before[0]
    assert own.pid != before[1]
    send(own.bootstrap, topic, b"2")
    own.kill()
    assert not listens(own.bootstrap)
    with pytest.raises(BrokerError, match="does not run"):
        own.stop()
    own.start()
    assert own.bootstrap == before[0]
    assert read(own.bootstrap, topic) == [b"1", b"2"]


def test_a_paused_broker_answers_when_it_is_resumed_and_not_before(own: Broker, prefix: str) -> None:
    topic = f"{prefix}a"
    create(own.bootstrap, topic)
    assert answers(own.bootstrap)
    own.pause()
    try:
        until(lambda: not answers(own.bootstrap))  # the signal stops one thread after the other
        assert not answers(own.bootstrap)
    finally:
        own.resume()
    send(own.bootstrap, topic, b"there")
    assert b"there" in read(own.bootstrap, topic)


def test_a_broker_ends_with_the_process_that_started_it_even_when_paused(tmp_path: Path) -> None:
    require_java()
    with subprocess.Popen([*COMMAND, "--port", "0", "--directory", str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        told = json.loads(parent.stdout.readline())
        assert listens(told["bootstrap"])
        os.kill(told["pid"], signal.SIGSTOP)
        parent.kill()
    until(lambda: not lives(told["pid"]))


def test_the_command_stops_when_told_to_and_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    require_java()
    with subprocess.Popen([*COMMAND, "--port", "0", "--directory", str(tmp_path)], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        told = json.loads(running.stdout.readline())
        port = told["bootstrap"].split(":")[1]
        second = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, second.stdout) == (EXIT_REFUSED, "")
        assert f"port {port} is taken" in second.stderr
        running.terminate()
        assert running.wait(GONE_S_MAX) == 0
    assert not lives(told["pid"])


def test_a_broker_that_is_shared_ends_when_the_last_lets_go(tmp_path: Path) -> None:
    require_java()
    users = tmp_path / "users"
    command = [*COMMAND, "--port", "0", "--directory", str(tmp_path / "data"), "--while-locked", str(users)]
    with users.open("a") as first, users.open("a") as second:
        fcntl.flock(first, fcntl.LOCK_SH)
        fcntl.flock(second, fcntl.LOCK_SH)
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            told = json.loads(running.stdout.readline())
            first.close()
            time.sleep(0.2)
            assert running.poll() is None
            second.close()
            assert running.wait(GONE_S_MAX) == 0
    assert not lives(told["pid"])


def test_a_broker_that_cannot_start_says_why_and_leaves_nothing_behind(tmp_path: Path) -> None:
    require_java()
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "meta.properties").write_text("version=1\ncluster.id=2RwtFMVJSeqa7mFR4pNSLg\nnode.id=7\n")
    broken = Broker(tmp_path)
    with pytest.raises(BrokerError, match=r"(?s)ended with 1; its log's end:.*node id"):
        broken.start()
    assert not listens(broken.bootstrap)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a tool of the test's own on a PATH that has nothing else but the shell's."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(libraries, "HOME", tmp_path / "home")

    def put(name: str, script: str) -> None:
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return put


def test_what_is_missing_is_named(tools: Callable[[str, str], None]) -> None:
    assert libraries.missing() == "Java 17 (found none) and Maven (mvn)"
    tools("mvn", "exit 0")
    tools("java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    assert libraries.missing() == "Java 17 (found 11)"
    tools("java", """echo 'java version "1.8.0_392"' >&2""")
    assert libraries.missing() == "Java 17 (found 8)"
    tools("java", "echo 'No Java runtime present' >&2; exit 1")
    with pytest.raises(BrokerError, match=r"not on PATH: Java 17 \(found none\)"):
        libraries.libraries()


def test_kafka_is_brought_once_for_all_who_ask_and_anew_after_a_failure(
    tools: Callable[[str, str], None], tmp_path: Path
) -> None:
    tools("java", """echo 'openjdk version "21" 2023-09-19' >&2""")
    tools("mvn", "echo no network >&2; exit 1")
    with pytest.raises(BrokerError, match="Maven failed: no network"):
        libraries.libraries()
    into = """for given; do case $given in -DoutputDirectory=*) to=${given#*=};; esac; done"""
    tools("mvn", f"{into}; /bin/mkdir -p $to && echo run >>$to/kafka.jar && echo run >>{tmp_path}/runs")
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(lambda _: libraries.libraries(), range(4)))
    assert {path / "kafka.jar" for path in found} == {tmp_path / "home" / "libs" / "kafka.jar"}
    assert found[0].joinpath("kafka.jar").exists()
    assert (tmp_path / "runs").read_text() == "run\n"
