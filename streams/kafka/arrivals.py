"""How far the input topics reach, asked of the brokers beside everything else that a worker does."""

from collections.abc import Collection
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.kafka.settings import Settings
from streams.kafka.topics import ISOLATION

ANSWER_MS_MAX = 10_000
"""For a broker to answer; then it counts as away."""


class Arrivals:
    """A connection of its own, for a thread of its own: what the worker itself has heard stands still when it does."""

    def __init__(self, settings: Settings) -> None:
        self._connection = settings.connection()
        self._consumer: Any = None

    def total(self, places: Collection[tuple[str, int]]) -> int | None:
        """Messages that have ever come to these (topic, partition), together, without those of transactions that are
        still open; None when the brokers don't say.
        """
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    **self._connection, enable_auto_commit=False, request_timeout_ms=ANSWER_MS_MAX,
                    bootstrap_timeout_ms=ANSWER_MS_MAX, isolation_level=ISOLATION,
                )  # fmt: skip
            ends: dict[TopicPartition, int] = self._consumer.end_offsets([TopicPartition(*place) for place in places])
            return sum(ends.values())
        except KafkaError:
            self._close()
            return None

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False)
