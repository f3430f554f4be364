"""What our transport changes of aiokafka is there to be changed: a name that is gone would be set and do nothing."""

import asyncio
from struct import pack

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from faust.types.tuples import TP
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.chunk import Chunk
from streams.kafka.course import Course
from streams.kafka.fetched import Batch, Fetched
from streams.kafka.ledger import Ledger
from streams.kafka.transport import Consumer, Handed

CONTROL_BYTE, CONTROL_BIT = 22, 0x20
"""In a batch's header: that it is a broker's own."""


@pytest.mark.parametrize("name", ["_records", "_fetch_max_wait_ms"])
def test_aiokafkas_fetcher_has_what_we_set(name: str) -> None:
    assert name in Fetcher.__init__.__code__.co_names


def test_aiokafkas_consumer_asks_for_the_isolation_that_we_set_when_it_starts() -> None:
    assert "_isolation_level" in AIOKafkaConsumer.start.__code__.co_names


class Records:
    """One batch, as aiokafka hands them out."""

    def __init__(self, values: list[bytes]) -> None:
        builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000_000)
        for offset, value in enumerate(values):
            builder.append(offset, timestamp=1_700_000_000_000 + offset, key=b"acme", value=value, headers=[])
        self._left = [DefaultRecordBatch(bytes(builder.build()))]

    def has_next(self) -> bool:
        return bool(self._left)

    def next_batch(self) -> DefaultRecordBatch:
        return self._left.pop()


def test_what_was_fetched_comes_in_whole_batches_and_from_the_offset_asked_for() -> None:
    place, fetched = ("usage", 0), Fetched()
    records = PartitionRecords(place, Records([b"a", b"b", b"c"]), [], 1, None, None, True, 0)
    fetched[place] = FetchResult(place, assignment=None, partition_records=records, backoff=0)
    made = list(fetched[place]._partition_records)
    assert made == [Batch(2, [1, 2], [1_700_000_000.001, 1_700_000_000.002], [b"b", b"c"], [b"acme", b"acme"], 1)]
    assert records.next_fetch_offset == 3


def marker(offset: int, producer: int, committed: bool) -> bytes:
    """The batch by which a broker ends a transaction."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, 0, 1_000_000)
    builder.append(0, timestamp=1_700_000_000_000, key=pack(">hh", 0, committed), value=b"", headers=[])
    batch = bytearray(builder.build())
    batch[CONTROL_BYTE] |= CONTROL_BIT
    return at(offset, bytes(batch))


def at(offset: int, batch: bytes) -> bytes:
    return pack(">q", offset) + batch[8:]


def sent(offset: int, producer: int, values: list[bytes]) -> bytes:
    """A batch of a transaction."""
    builder = DefaultRecordBatchBuilder(2, 0, 1, producer, 0, 0, 1_000_000)
    for number, value in enumerate(values):
        builder.append(number, timestamp=1_700_000_000_000, key=b"acme", value=value, headers=[])
    return at(offset, bytes(builder.build()))


def test_batches_stand_for_all_that_was_fetched_with_marks_and_without_what_was_aborted() -> None:
    place, fetched = ("usage", 0), Fetched()
    log = [
        sent(0, 1, [b"a", b"b"]), sent(2, 2, [b"x"]), marker(3, 1, True), marker(4, 2, False),
        sent(5, 1, [b"c"]), sent(6, 2, [b"y", b"z"]), marker(8, 2, False), marker(9, 1, True),
    ]  # fmt: skip
    records = PartitionRecords(place, MemoryRecords(b"".join(log)), [(2, 2), (2, 6)], 0, None, None, False, 1)
    fetched[place] = FetchResult(place, assignment=None, partition_records=records, backoff=0)
    batches = list(records)
    assert [(batch.since, batch.offset, batch.offsets, batch.values) for batch in batches] == [
        (0, 1, [0, 1], [b"a", b"b"]), (2, 5, [5], [b"c"]), (6, 9, [], []),
    ]  # fmt: skip
    assert records.next_fetch_offset == 10


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.integers(1, 12), st.integers(0, 3))
def test_parts_stand_for_all_that_the_whole_does_and_for_nothing_twice(
    gaps: list[int], longest: int, behind: int
) -> None:
    offsets = [100 + sum(gaps[: n + 1]) for n in range(len(gaps))]
    times, values = [0.0] * len(offsets), [b"%d" % offset for offset in offsets]
    whole = Handed("a", Chunk("usage", 0, "usage", offsets, times, values), 100, offsets[-1] + 1 + behind, 0.5)
    parts = list(whole.parts(longest))
    assert [offset for part in parts for offset in part.chunk.offsets] == offsets
    assert all(part.since <= offset < part.end for part in parts for offset in part.chunk.offsets)
    assert [part.since for part in parts] == [100, *(part.end for part in parts[:-1])]
    assert parts[-1].end == whole.end
    assert max(len(part.chunk.offsets) for part in parts) <= longest


def test_what_stands_for_no_messages_is_one_part() -> None:
    nothing = Handed("a", Chunk("usage", 0, "usage", [], [], []), 7, 9, 0.5)
    assert list(nothing.parts(5)) == [nothing]


def test_what_was_kept_while_others_had_the_partition_takes_no_commit_of_theirs_back() -> None:
    consumer, place = Reaching(40), TP("usage", 0)
    consumer._course.restart({place: 30})
    chunk = Chunk("usage", 0, "usage", [10, 19], [0.0, 0.0], [b"", b""])
    done = asyncio.run(consumer.admit(Handed(place, chunk, 10, 20, 0.5)))
    assert done is not None
    done()
    assert consumer._ledger.committable() == {place: 30}
    assert consumer.app.since == [0.5]  # whether it is still the same topic, whose offsets do not begin again
    asyncio.run(consumer.admit(Handed(place, chunk, 30, 40, 0.5)))
    assert consumer.app.since == [0.5]


@pytest.mark.parametrize(
    ("fetched", "asked", "lost"),
    [(29, 29, [("usage", 0)]), (29, 30, []), (30, None, []), (None, None, [])],
)
def test_a_partition_that_ends_before_what_is_to_come_next_is_not_what_it_was(
    fetched: int | None, asked: int | None, lost: list[tuple[str, int]]
) -> None:
    consumer, place = Reaching(fetched, asked), TP("usage", 0)
    consumer._course.restart({place: 30})
    again = Handed(place, Chunk("usage", 0, "usage", [0], [0.0], [b""]), 0, 1, 0.5)
    asyncio.run(consumer.admit(again))
    assert consumer.app.lost_places == lost


class Asked:
    """An app whose topics are those of before."""

    def __init__(self) -> None:
        self.since: list[float] = []
        self.lost_places: list[tuple[str, int]] = []

    async def same(self, since: float) -> None:
        self.since.append(since)

    async def lost(self, topic: str, partition: int) -> None:
        self.lost_places.append((topic, partition))


class Reaching(Consumer):
    """Brokers whose partitions reach up to an offset, by what was fetched, and by what they say when they are asked."""

    def __init__(self, fetched: int | None, asked: int | None = None) -> None:
        self._course, self._ledger, self.app = Course(), Ledger(), Asked()
        self._fetched, self._asked = fetched, asked
        self._thread = self

    def highwater(self, place: TP) -> int | None:
        return self._fetched

    async def call_thread(self, *_: object) -> int | None:
        return self._asked


class Assigned(Consumer):
    """Brokers of which some partitions have no leader: nobody says where these begin."""

    def __init__(self, committed: dict[TP, int | None], without_leader: set[TP]) -> None:
        self._course = Course()
        self._places, self._without_leader = committed, without_leader
        self.sought: dict[TP, int] = {}

    def assignment(self) -> set[TP]:
        return set(self._places)

    async def seek_to_committed(self) -> dict[TP, int | None]:
        return self._places

    async def earliest_offsets(self, *places: TP) -> dict[TP, int]:
        if self._without_leader.intersection(places):
            await asyncio.Event().wait()
        return dict.fromkeys(places, 3)

    async def seek_wait(self, starts: dict[TP, int]) -> None:
        self.sought = starts


def test_a_partition_of_which_something_is_committed_is_not_asked_for_its_beginning() -> None:
    read, new = TP("usage", 0), TP("usage", 1)
    consumer = Assigned({read: 30, new: None}, {read})
    asyncio.run(asyncio.wait_for(consumer._seek(), 5.0))
    assert consumer.sought == {read: 30, new: 3}
    assert [consumer._course.next(place) for place in (read, new)] == [30, 3]
