"""The input topics read again, from one offset to another, as they came in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.chunk import Chunk
from streams.kafka.topics import ISOLATION

FETCH_BYTES = 4 * 1024 * 1024

POLL_S = 1.0

MESSAGES_MAX = 5_000
"""Of a chunk."""

WINDOW = 256
"""So many messages of a stream, at most, are read before those of others that arrived earlier, as workers do that read
whole fetches. A record remembers more ids than that (see SEEN_MAX), and reaches back from what arrived last."""


class History:
    """A consumer of its own, beside those that share the work: it belongs to no group, and commits nothing.

    Offsets of a partition are told by stream, in the order of the streams.
    """

    def __init__(self, connection: Mapping[str, Any], topics: Mapping[str, str], group: str) -> None:
        """topics: by stream; group: whose commits are asked for."""
        self._topics = dict(topics)
        self._options = {**connection, "group_id": group}

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(
            **self._options, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50,
            max_partition_fetch_bytes=FETCH_BYTES, isolation_level=ISOLATION,
        )  # fmt: skip
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    def _places(self, partition: int) -> list[TopicPartition]:
        return [TopicPartition(topic, partition) for topic in self._topics.values()]

    async def begins(self, partition: int) -> list[int]:
        """The first offsets that are there."""
        places = self._places(partition)
        found: dict[TopicPartition, int] = await self._consumer.beginning_offsets(places)
        return [found[place] for place in places]

    async def ends(self, partition: int) -> list[int]:
        """The offsets that the next messages will get; where a transaction is open, that of its first one."""
        places = self._places(partition)
        found: dict[TopicPartition, int] = await self._consumer.end_offsets(places)
        return [found[place] for place in places]

    async def since(self, partition: int, at: float) -> list[int]:
        """The offsets of the first messages that arrived at the instant `at` (unix seconds) or after it."""
        places = self._places(partition)
        found = await self._consumer.offsets_for_times(dict.fromkeys(places, int(at * 1000)))
        ends = await self.ends(partition)
        return [end if found[place] is None else found[place].offset for place, end in zip(places, ends, strict=True)]

    async def committed(self, partition: int) -> list[int]:
        """Where the group goes on reading: all before these is in the records. Where it has committed nothing, or what
        is gone, the first offsets that are there.
        """
        begins = await self.begins(partition)
        found = [await self._consumer.committed(place) for place in self._places(partition)]
        return [max(begin, offset or 0) for begin, offset in zip(begins, found, strict=True)]

    async def chunks(self, partition: int, ranges: Sequence[range]) -> AsyncIterator[Chunk]:
        """The messages of a partition in these ranges of offsets, by arrival as far as WINDOW says."""
        reading = _Reading(self._consumer, list(self._topics), self._places(partition), ranges)
        while (until := await reading.window()) is not None:
            for stream in self._topics:
                while chunk := await reading.next(stream, until):
                    yield chunk


class _Reading:
    """What was fetched and not handed on yet, by stream."""

    def __init__(
        self, consumer: AIOKafkaConsumer, streams: Sequence[str], places: Sequence[TopicPartition],
        ranges: Sequence[range],
    ) -> None:  # fmt: skip
        self._consumer = consumer
        wanted = [(stream, place, r) for stream, place, r in zip(streams, places, ranges, strict=True) if r]
        self._open = {stream: (place, r.stop) for stream, place, r in wanted}
        self._held: dict[str, list[Any]] = {stream: [] for stream in streams}
        consumer.assign([place for _, place, _ in wanted])
        for _, place, r in wanted:
            consumer.seek(place, r.start)

    async def window(self) -> int | None:
        """The instant up to which to read next, in milliseconds; None when nothing is left. It hangs on the messages
        alone, and not on how they were fetched.
        """
        for stream in list(self._open):
            await self._fill(stream, WINDOW)
        waiting = [held for held in self._held.values() if held]
        if not waiting:
            return None
        last = max(message.timestamp for held in waiting for message in held[:WINDOW])
        full = min((held[WINDOW - 1].timestamp for held in waiting if len(held) >= WINDOW), default=last)
        return int(max(full, min(held[0].timestamp for held in waiting))) + 1

    async def next(self, stream: str, until: int) -> Chunk | None:
        """The next messages of a stream that arrived before `until`."""
        await self._fill(stream, 1)
        held = self._held[stream]
        taken = list(takewhile(lambda message: message.timestamp < until, held))
        if not taken:
            return None
        self._held[stream] = held[len(taken) :]
        return Chunk(
            taken[0].topic, taken[0].partition, stream, [message.offset for message in taken],
            [message.timestamp / 1000 for message in taken], [message.value or b"" for message in taken],
        )  # fmt: skip

    async def _fill(self, stream: str, count: int) -> None:
        """Fetch until so many messages of the stream are held, or all of it was read."""
        while stream in self._open and len(self._held[stream]) < count:
            place, end = self._open[stream]
            fetched = await self._consumer.getmany(place, timeout_ms=int(POLL_S * 1000), max_records=MESSAGES_MAX)
            self._held[stream] += [message for message in fetched.get(place, ()) if message.offset < end]
            # the last messages may be gone, so positions tell the end, and not offsets seen
            if await self._consumer.position(place) >= end:
                del self._open[stream]
