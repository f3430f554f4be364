"""Sending to a real broker and reading from it, as others do: with kafka-python."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from streams.kafka import administration
from streams.kafka.settings import Settings, load_settings
from streams.kafka.topics import INPUTS
from tests.chaos.kafka.cluster import Cluster
from tests.chaos.kafka.lag import lag
from tests.chaos.kafka.verdict import messages
from tests.streams.embedded.sent import track

SOON_S = 80.0
"""How long a test waits for what takes a second on an idle machine."""


def settings(bootstrap: str, prefix: str, **given: object) -> dict[str, str]:
    """Of an installation of this test's own."""
    made = {
        "bootstrap_servers": bootstrap, "prefix": prefix, "group": f"{prefix}group", "partitions": 2,
        "checkpoint_s": 0.2, "session_timeout_s": 3.0, "heartbeat_s": 0.5, **given,
    }  # fmt: skip
    return {name: str(value) for name, value in made.items()}


@contextmanager
def workers(given: Mapping[str, str], directory: Path, count: int = 1) -> Iterator[Cluster]:
    """Topics, and workers that read them."""
    administration.create(loaded(given))
    cluster = Cluster(directory, given)
    try:
        for _ in range(count):
            cluster.start()
        yield cluster
    finally:
        cluster.close()


def loaded(given: Mapping[str, str]) -> Settings:
    """The same as the worker has them."""
    return load_settings(None, **given)


def send(
    given: Mapping[str, str], sent: Iterable[tuple[str, str, Mapping[str, Any] | bytes]], **options: Any
) -> list[str]:
    """Send (stream, key, message); the places where the messages now stand, `topic-partition:offset`.

    options: of kafka-python's producer.
    """
    producer = KafkaProducer(
        bootstrap_servers=given["bootstrap_servers"], acks="all", max_request_size=10_000_000, **options
    )
    try:
        waiting = [
            producer.send(
                given["prefix"] + INPUTS[stream], key=key.encode(),
                value=message if isinstance(message, bytes) else json.dumps(message).encode(),
            )
            for stream, key, message in sent
        ]  # fmt: skip
        placed = [future.get(timeout=SOON_S) for future in waiting]
    finally:
        producer.close()
    return [f"{one.topic}-{one.partition}:{one.offset}" for one in placed]


def of_seven(numbers: Iterable[int]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Usage of seven accounts, a0 to a6, by up to five users each, to be sent; a message of each number."""
    return [("usage", f"a{n % 7}", track(n, f"a{n % 7}", n % 5)) for n in numbers]


def read(given: Mapping[str, str], topic: str) -> list[tuple[str, Any]]:
    """(key, JSON value) of everything in a topic now."""
    return [
        (message.key.decode(), json.loads(message.value))
        for message in messages(given["bootstrap_servers"], given["prefix"] + topic)
    ]


def until(true: Callable[[], Any], cluster: Cluster) -> Any:
    """Wait for something; what it gave."""
    end = time.monotonic() + SOON_S
    while not (found := true()):
        cluster.reap()
        assert not cluster.failures, cluster.failures
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
    return found


def all_taken(given: Mapping[str, str], cluster: Cluster) -> None:
    """Wait until the workers have committed everything that is in their topics."""
    until(lambda: lag(given["bootstrap_servers"], given["prefix"], given["group"]) == 0, cluster)
