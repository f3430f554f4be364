"""The topic that holds the records: claimed by the owner of a partition, and read back from its beginning."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.record import CLAIM, Records
from streams.kafka.restoration import Restoration
from streams.kafka.sender import Sender

FETCH_BYTES = 4 * 1024 * 1024
"""Of a partition at a time while records are read back."""

POLL_S = 1.0

MESSAGES_MAX = 5_000
"""Taken between two turns of others on the event loop: some milliseconds' work."""


class ClaimedByOtherError(RuntimeError):
    """Somebody else has claimed the partition since: we have lost it, and must not go on."""


class Changelog:
    """One topic, of which this worker owns some partitions."""

    def __init__(
        self, topic: str, sender: Sender, connection: Mapping[str, Any], worker: str, keep: Callable[[], Records] = dict
    ) -> None:
        """worker: a name for this process, for whoever reads the topic by hand; keep: makes an empty place for the
        records of a partition.
        """
        self.topic = topic
        self._sender = sender
        self._connection = connection
        self._keep = keep
        self._claim = msgspec.json.encode({"worker": worker})
        self._next: dict[int, int] = {}

    async def claim(self, partition: int) -> int:
        """Say that the partition is ours from now on. The epoch: the offset of the claim."""
        (sent,) = await self._sender.send(self.topic, partition, [(CLAIM, self._claim)])
        self._next[partition] = sent.stop
        return sent.start

    async def restore(
        self, ends: Mapping[int, int], on_progress: Callable[[int, int], None] = lambda read, left: None
    ) -> dict[int, Restoration]:
        """Read these partitions back, each up to an offset. on_progress: messages read so far, and offsets left."""
        found = {partition: Restoration(self._keep()) for partition in ends}
        starts = dict.fromkeys(ends, 0)
        read = 0

        def take(partition: int, offset: int, key: bytes, value: bytes | None) -> None:
            nonlocal read
            read += 1
            found[partition].take(offset, key, value)

        await self._read(starts, ends, take, lambda left: on_progress(read, left))
        return found

    async def write(self, partition: int, messages: Sequence[tuple[bytes, bytes]]) -> set[str]:
        """Write records of a partition that is ours. The accounts that somebody without the right has written since we
        last wrote; ClaimedByOtherError when it was with the right.
        """
        foreign = set[str]()
        for sent in await self._sender.send(self.topic, partition, messages):
            foreign |= await self._between(partition, self._next[partition], sent.start)
            self._next[partition] = sent.stop
        return foreign

    async def confirm(self, partition: int) -> set[str]:
        """Ask whether the partition is still ours, before anything is sent; for when we may have lost it. Gives and
        raises what `write` does.
        """
        end = await self.end(partition)
        foreign = await self._between(partition, self._next[partition], end)
        self._next[partition] = end
        return foreign

    async def end(self, partition: int) -> int:
        """The offset that the next message of a partition will get."""
        async with self._consumer() as consumer:
            place = TopicPartition(self.topic, partition)
            ends: dict[TopicPartition, int] = await consumer.end_offsets([place])
            return ends[place]

    async def _between(self, partition: int, start: int, end: int) -> set[str]:
        """The accounts that others wrote between two offsets."""
        keys = set[bytes]()
        if start < end:
            await self._read(
                {partition: start}, {partition: end}, lambda _p, _o, key, _v: keys.add(key), lambda _left: None
            )
        if CLAIM in keys:
            raise ClaimedByOtherError(f"{self.topic}-{partition} was claimed by another worker after us")
        return {key.decode() for key in keys}

    async def _read(
        self,
        starts: Mapping[int, int],
        ends: Mapping[int, int],
        take: Callable[[int, int, bytes, bytes | None], None],
        on_left: Callable[[int], None],
    ) -> None:
        """Take all messages of some partitions from their starts up to, and without, their ends."""
        places = {TopicPartition(self.topic, partition): partition for partition in starts}
        async with self._consumer() as consumer:
            consumer.assign(list(places))
            for place, partition in places.items():
                consumer.seek(place, starts[partition])
            waiting = set(places)
            while waiting:
                fetched = await consumer.getmany(*waiting, timeout_ms=int(POLL_S * 1000), max_records=MESSAGES_MAX)
                for place, messages in fetched.items():
                    for message in messages:
                        if message.offset < ends[places[place]]:
                            take(places[place], message.offset, message.key or b"", message.value)
                # the last messages may be gone by compaction, so positions tell the end, and not offsets seen
                left = {place: ends[places[place]] - await consumer.position(place) for place in waiting}
                waiting = {place for place, count in left.items() if count > 0}
                on_left(sum(max(0, count) for count in left.values()))

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **self._connection, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50,
            max_partition_fetch_bytes=FETCH_BYTES,
        )  # fmt: skip
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()
