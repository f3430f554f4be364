"""Faust driven by whole fetches: an agent gets one Faust message per fetch of a partition, and not one per record.

A Faust worker spends its time per message (two asyncio tasks for each, then conductor, stream, ack), not per byte;
with chunks that cost is shared by thousands. What is read and committed is then our own affair: a chunk may be
committed when whoever took it says that it is durable, and never past one that is not.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import faust
from aiokafka.errors import KafkaError
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage

from streams.kafka.chunk import Chunk
from streams.kafka.ledger import Ledger

SCHEME = "chunked"
"""Of the broker's URL: `chunked://host:port`."""

logger = logging.getLogger(__name__)


class Handed(NamedTuple):
    """A chunk as the agent gets it."""

    chunk: Chunk
    generation: int
    """Of the consumer group when it was fetched. In a later one it will be fetched again, by whoever it belongs to."""

    done: Callable[[], None]
    """To be called when all of it is durable."""


class Consumer(driver.Consumer):  # type: ignore[misc]  # faust's types are not read
    """Faust's consumer, with chunks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledger = Ledger[Any]()
        self._handed: dict[Any, int] = {}

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109 - Faust asks so
        """The next chunks: (topic partition, message whose value is a Handed)."""
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return
        generation = self.app.consumer_generation_id
        if not self.flow_active:
            await self.perform_seek()
            return
        for place, fetched in records.items():
            if active is not None and place not in active and place not in self._buffered_partitions:
                continue
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            yield place, self._hand(place, fetched, generation)

    def _hand(self, place: Any, fetched: Any, generation: int) -> Any:
        first, last = fetched[0], fetched[-1]
        chunk = Chunk(
            place.topic, place.partition, self.app.streams_by_topic[place.topic],
            [record.offset for record in fetched],
            [(record.timestamp or 0) / 1000 for record in fetched],
            [record.value or b"" for record in fetched],
        )  # fmt: skip
        done = self.ledger.hand(place, last.offset + 1)
        self._handed[place] = last.offset + 1
        return ConsumerMessage(
            first.topic, first.partition, first.offset, (first.timestamp or 0) / 1000, first.timestamp_type,
            first.headers, b"", Handed(chunk, generation, done), None, 0, 0, place, generation_id=generation,
        )  # fmt: skip

    def waiting(self, partition: int) -> dict[str, int] | None:
        """Messages of the input topics' partition that were not handed out, by topic; None while that is not known."""
        found = {}
        for topic in self.app.streams_by_topic:
            place = driver.TP(topic, partition)
            end = self.highwater(place)
            position = self._handed.get(place, self._read_offset[place])
            if end is None or (position is None and end > 0):
                return None
            found[topic] = max(0, end - (position or 0))
        return found

    async def _add_gap(self, *_: Any) -> None:
        """The offsets between two chunks' first records are no gap."""

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's watch for streams that stand still knows only its own acks; we have a watch of our own."""

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Stop handing out, make durable what is not, commit it, and forget the partitions."""
        await super().on_partitions_revoked(revoked)
        await self._leave()
        self.ledger.drop(list(revoked))
        self._handed.clear()

    async def on_stop(self) -> None:
        """The same when the worker ends."""
        await self._leave()
        await super().on_stop()

    async def _leave(self) -> None:
        leave: Callable[[], Awaitable[None]] = self.app.leave
        await leave()
        await self.commit()

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit what may be. What the brokers refuse because we have lost the partition is not lost with it: it will
        be read again, and passed over.
        """
        offsets = {place: offset for place, offset in self.ledger.committable().items() if place in self.assignment()}
        if not offsets:
            return False
        try:
            await self._thread.call_thread(self._commit_now, offsets)
        except KafkaError as error:
            logger.warning("offsets were not committed: %s", error)
            return False
        self._committed_offset.update(offsets)
        return True

    async def _commit_now(self, offsets: Mapping[Any, int]) -> None:
        committed = {driver.ensure_aiokafka_TP(place): offset for place, offset in offsets.items()}
        await self._thread._ensure_consumer().commit(committed)


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's transport, with our consumer."""

    Consumer = Consumer


class Chunks(faust.Schema):  # type: ignore[misc]
    """Hands the chunk through undecoded."""

    def loads_key(self, app: Any, message: Any, **_: Any) -> Any:
        """There is none."""
        return message.key

    def loads_value(self, app: Any, message: Any, **_: Any) -> Any:
        """The Handed."""
        return message.value

    def decode(self, app: Any, message: Any, **_: Any) -> Any:
        """An event with the Handed."""
        return faust.Event(app, message.key, message.value, {}, message)


TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"
