"""Faust driven by whole fetches: an agent gets one Faust message per fetch of a partition, and not one per record.

A Faust worker spends its time per message (two asyncio tasks for each, then conductor, stream, ack), not per byte;
with chunks that cost is shared by thousands. What is read and committed is then our own affair: a chunk may be
committed when whoever took it says that it is durable, and never past one that is not.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, NamedTuple

import faust
from aiokafka.errors import IllegalStateError, KafkaError
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from streams.kafka.chunk import Chunk
from streams.kafka.course import Course, Step
from streams.kafka.ending import end
from streams.kafka.fetched import Batch
from streams.kafka.ledger import Ledger
from streams.kafka.thread import Thread

SCHEME = "chunked"
"""Of the broker's URL: `chunked://host:port`."""

SEEK_S_MAX = 30.0
"""For the brokers to say where to read on after a rebalance, less than Faust gives it (REBALANCE_S and more)."""

logger = logging.getLogger(__name__)


class Handed(NamedTuple):
    """A chunk as the agent gets it. One without messages stands for offsets at which there is nothing to read."""

    place: Any
    """Topic and partition, as Faust names them."""

    chunk: Chunk
    since: int
    """The first offset that it stands for."""

    end: int
    """The first one after it."""

    at: float
    """When it was there, on the clock that only runs forward; it was fetched before."""

    def parts(self, longest: int) -> Iterator["Handed"]:
        """The same with so many messages at most in each."""
        since, count = self.since, len(self.chunk.offsets)
        for start in range(0, max(1, count), longest):
            chunk = self.chunk.part(start, start + longest)
            end = self.end if start + longest >= count else chunk.offsets[-1] + 1
            yield Handed(self.place, chunk, since, end, self.at)
            since = end


class _NoOffsets(defaultdict[Any, None]):
    """Faust's own idea of what was read, which it keeps through rebalances and drops chunks by; ours is in Course."""

    def __getitem__(self, place: Any) -> None:
        return None

    def __setitem__(self, place: Any, offset: Any) -> None:
        pass


class Consumer(driver.Consumer):  # type: ignore[misc]  # faust's types are not read
    """Faust's consumer, with chunks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = _NoOffsets()
        self._ledger = Ledger[Any]()
        self._course = Course[Any]()
        self._out: dict[Any, int] = {}  # the end of what was last fetched, by place: it may wait to be taken

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:  # noqa: ASYNC109 - Faust asks so
        """The next chunks: (topic partition, message whose value is a Handed)."""
        fetched, _ = await self._wait_next_records(timeout)
        at = time.monotonic()
        if not self.flow_active:
            # What comes while the group rebalances may have been fetched after `perform_seek`: aiokafka would not fetch
            # it again, and were it the last of its partition, nothing after it would show that it is missing. So it is
            # kept, and whether it may be taken is told by the course.
            await self.wait(self.can_resume_flow)
        if fetched is None or self.should_stop:
            return
        self._out.update((place, batches[-1].offset + 1) for place, batches in fetched.items())
        for place, batches in fetched.items():
            for handed in self._handed(place, batches, at).parts(self.app.chunk_records_max):
                yield place, self._message(handed)

    def _handed(self, place: Any, batches: Sequence[Batch], at: float) -> Handed:
        lasts, offsets, arrivals, values, keys, since = zip(*batches, strict=True)
        chunk = Chunk(
            place.topic, place.partition, self.app.streams_by_topic[place.topic],
            list(chain(*offsets)), list(chain(*arrivals)), list(chain(*values)), list(chain(*keys)),
        )  # fmt: skip
        return Handed(place, chunk, since[0], lasts[-1] + 1, at)

    def _message(self, handed: Handed) -> Any:
        place, arrived = handed.place, handed.chunk.arrivals[0] if handed.chunk.arrivals else 0.0
        return ConsumerMessage(
            place.topic, place.partition, handed.since, arrived, 0,
            (), b"", handed, None, 0, 0, place, generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    async def admit(self, handed: Handed) -> Callable[[], None] | None:
        """Whether a chunk may be taken now: what is to be called when all of it is durable; None when it may not."""
        place = handed.place
        if handed.since < (self._course.next(place) or 0):
            # it was fetched again; or its topic is another one, whose offsets begin again
            await self.app.same(handed.at)
            await self._whole(place)
        expected = self._course.next(place)
        step, start = self._course.step(place, handed.since, handed.end), self._course.next(place)
        if start is not None and step is Step.TAKE:
            self._miss(place, expected, handed.since)
            return self._ledger.hand(place, start)  # not its own end: what others committed meanwhile may be farther
        if step is Step.SEEK:
            logger.info("%s-%d: fetching again from %d", place.topic, place.partition, start)
            with suppress(IllegalStateError):  # it is not ours any more
                await self.seek_wait({place: start})
        return None

    async def _whole(self, place: Any) -> None:
        """End where a partition ends before what is to be taken next: it has lost messages, as with a disk or with a
        leader that alone had them, and what comes now stands at offsets that count as applied.
        """
        if not self._short(place, self.highwater(place)):
            return
        try:  # what a fetch says of it may be of a leader that does not know yet how far it reaches; this is not
            reached = await self._thread.call_thread(self._end_now, place)
        except KafkaError as error:
            end(f"the brokers did not say where {place.topic}-{place.partition} ends: {error}")
            return
        if self._short(place, reached):
            await self.app.lost(place.topic, place.partition)

    def _short(self, place: Any, reached: int | None) -> bool:
        start = self._course.next(place)
        return reached is not None and start is not None and reached < start

    async def _end_now(self, place: Any) -> int:
        known = driver.ensure_aiokafka_TP(place)
        ends: dict[Any, int] = await self._thread._ensure_consumer().end_offsets([known])
        return ends[known]

    async def perform_seek(self) -> None:
        """Begin at what is committed; where nothing is, at the beginning. Faust asks for it after each rebalance, and
        takes one that lasts longer than a request may for its own end: it would hand out nothing any more.
        """
        try:
            async with asyncio.timeout(SEEK_S_MAX):
                await self._seek()
        except TimeoutError:
            end(f"the brokers did not say within {SEEK_S_MAX:.0f} s where to read on")

    async def _seek(self) -> None:
        places = {ensure_TP(place) for place in self.assignment()}
        if not places:
            return
        starts = {ensure_TP(place): offset for place, offset in (await self.seek_to_committed()).items() if offset}
        if unread := [place for place in places if place not in starts]:
            # only of these, since a partition that has no leader lets nobody say it; where what is committed is gone,
            # aiokafka goes on after it, which `admit` and `pass_over` find out
            starts |= {ensure_TP(place): first for place, first in (await self.earliest_offsets(*unread)).items()}
        self._course.restart(starts)
        await self.seek_wait(starts)  # after the restart: what it fetches finds the course set

    def _miss(self, place: Any, expected: int | None, found: int) -> bool:
        """Tell of what is gone before anybody took it, if anything is; there is nobody to ask for it."""
        missed = expected is not None and found > expected
        if missed:
            logger.error(
                "%s-%d: what stood from %d up to %d is gone, by retention or by somebody's hand, and was never taken",
                place.topic, place.partition, expected, found,
            )  # fmt: skip
        return missed

    async def pass_over(self) -> None:
        """Go on after what is gone, where there is nothing after it whose arrival would show that."""
        places = [place for place in self.assignment() if self.flow_active and self._passed(place)]
        try:
            earliest = await self.earliest_offsets(*places) if places else {}
        except KafkaError:
            return  # it will be asked again
        for place, first in ((ensure_TP(place), offset) for place, offset in earliest.items()):
            if self._passed(place) and self._miss(place, self._course.next(place), first):
                self._course.skip(place, first)
                self._ledger.hand(place, first)()

    def _passed(self, place: Any) -> bool:
        """Whether aiokafka goes on reading after what is to be taken next, and none of that is on its way to us."""
        start = self._course.next(place)
        if start is None or self._out.get(place, 0) > start:
            return False
        position = self._thread.position(place)
        return position is not None and position > start

    def waiting(self, partition: int) -> dict[str, int] | None:
        """Messages of a partition of the input topics that were not taken, by topic; None while that is not known."""
        found = {}
        for topic in self.app.streams_by_topic:
            place = TP(topic, partition)
            end = self.highwater(place)
            start = self._course.next(place)
            if end is None or start is None:
                return None
            found[topic] = max(0, end - start)
        return found

    def on_buffer_full(self, tp: Any) -> None:
        """The agent's queue is bounded, and holds back the fetches by itself. A partition that is left out meanwhile
        would lose what was fetched of it.
        """

    def on_buffer_drop(self, tp: Any) -> None:
        """See above."""

    async def on_task_error(self, exc: BaseException) -> None:
        """Commit nothing more: the process ends."""

    async def _add_gap(self, *_: Any) -> None:
        """The offsets between two chunks' first records are no gap."""

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust's watch for streams that stand still knows only its own acks; we have a watch of our own."""

    async def on_partitions_revoked(self, revoked: set[Any]) -> None:
        """Stop handing out, make durable what is not, commit it, and forget the partitions."""
        await super().on_partitions_revoked(revoked)
        await self._leave()
        self._ledger.drop(list(revoked))
        self._course.restart({})
        self._out.clear()

    async def on_stop(self) -> None:
        """The same when the worker ends."""
        await self._leave()
        await super().on_stop()

    async def _leave(self) -> None:
        leave: Callable[[], Awaitable[None]] = self.app.leave
        await leave()
        await self.commit()

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit what may be. What the brokers refuse is tried again with what comes next; when they do because we have
        lost the partition, it will be read again, and passed over.
        """
        offsets = {place: offset for place, offset in self._ledger.committable().items() if place in self.assignment()}
        if not offsets:
            return False
        try:
            await self._thread.call_thread(self._commit_now, offsets)
        except KafkaError as error:
            logger.warning("offsets were not committed: %s", error)
            return False
        self._ledger.committed(offsets)
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
