"""What the benchmark itself does with the broker: make and fill topics, look at commits, read what came out."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from benchmarks.peers.events import PARTITIONS, Events

BATCH_BYTES = 65_536
"""Of the batches that events are written in: what a busy producer makes of its own accord."""

READ_MS = 200
"""Nothing for so long, though the end is reached: all is read."""


class Topics:
    """The topics of one broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="peers")

    def create(self, *names: str) -> None:
        """Arrival is the broker's clock, as in production."""
        options = {
            "num_partitions": PARTITIONS,
            "replication_factor": 1,
            "configs": {"message.timestamp.type": "LogAppendTime"},
        }
        self._admin.create_topics(dict.fromkeys(names, options), wait_for_metadata=True)

    def clear(self, *, but: set[str]) -> None:
        """Remove what participants left, changelogs and all."""
        left = [name for name in self._admin.list_topics() if name not in but and not name.startswith("__")]
        if left:
            self._admin.delete_topics(left)

    def fill(self, name: str, events: Events) -> None:
        """Write all events, in order."""
        asyncio.run(self._fill(name, events))

    async def _fill(self, name: str, events: Events) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, max_batch_size=BATCH_BYTES)
        await producer.start()
        open_batches = {partition: producer.create_batch() for partition in range(PARTITIONS)}
        for partition, key, value in events:
            batch = open_batches[partition]
            if batch.append(key=key, value=value, timestamp=None) is None:
                await producer.send_batch(batch, name, partition=partition)
                batch = open_batches[partition] = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        for partition, batch in open_batches.items():
            if batch.record_count():
                await producer.send_batch(batch, name, partition=partition)
        await producer.stop()

    def committed(self, group: str, topic: str, ends: Mapping[int, int]) -> bool:
        """Whether the group has committed everything up to the ends."""
        found = self.offsets(group, topic)
        return all(found.get(number, -1) >= end for number, end in ends.items())

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        """What the group has committed, by partition; -1 for one of which nothing is."""
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        try:
            told = self._admin.list_group_offsets({group: places})[group]
        except (KafkaError, KeyError):  # there is no such group yet
            return {}
        return {place.partition: one.offset for place, one in told.items()}

    def read(self, name: str) -> Iterator[bytes]:
        """All values that are there and committed."""
        with self._consumer() as consumer:
            places = [TopicPartition(name, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            consumer.seek_to_beginning()
            ends = consumer.end_offsets(places)
            while any(consumer.position(place) < ends[place] for place in places):
                for records in consumer.poll(timeout_ms=READ_MS, max_records=10_000).values():
                    for record in records:
                        yield record.value

    @contextmanager
    def _consumer(self) -> Iterator[Any]:
        consumer: Any = KafkaConsumer(
            bootstrap_servers=self.bootstrap, isolation_level="read_committed", enable_auto_commit=False, group_id=None
        )
        try:
            yield consumer
        finally:
            consumer.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()
