"""A producer whose messages stand within transactions, as Kafka Streams, Flink and outbox relays have them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from kafka import KafkaProducer

from streams.kafka.topics import INPUTS
from tests.kafka.talking import SOON_S

End = Literal["commit", "abort"]


class Transacting:
    """One producer, with a transaction at a time."""

    def __init__(self, given: Mapping[str, str], producer: Any) -> None:
        self._prefix = given["prefix"]
        self._producer = producer

    def begin(self, sent: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Begin a transaction, and have the broker take (stream, key, message)."""
        self._producer.begin_transaction()
        waiting = [
            self._producer.send(self._prefix + INPUTS[stream], key=key.encode(), value=json.dumps(message).encode())
            for stream, key, message in sent
        ]
        for future in waiting:
            future.get(timeout=SOON_S)

    def end(self, how: End) -> None:
        """The brokers write their marks before this returns."""
        (self._producer.commit_transaction if how == "commit" else self._producer.abort_transaction)()

    def send(self, sent: Iterable[tuple[str, str, Mapping[str, Any]]], how: End = "commit") -> None:
        """A whole transaction."""
        self.begin(sent)
        self.end(how)


@contextmanager
def transacting(given: Mapping[str, str], name: str = "relay") -> Iterator[Transacting]:
    """A producer, until it is not needed any more."""
    producer = KafkaProducer(
        bootstrap_servers=given["bootstrap_servers"], transactional_id=given["prefix"] + name, acks="all"
    )
    try:
        producer.init_transactions()
        yield Transacting(given, producer)
    finally:
        producer.close()
