"""What our transport changes of aiokafka is there to be changed: a name that is gone would be set and do nothing."""

import asyncio

import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from streams.kafka.chunk import Chunk
from streams.kafka.course import Course
from streams.kafka.fetched import Batch, Fetched
from streams.kafka.ledger import Ledger
from streams.kafka.transport import Consumer, Handed


@pytest.mark.parametrize("name", ["_records", "_fetch_max_wait_ms"])
def test_aiokafkas_fetcher_has_what_we_set(name: str) -> None:
    assert name in Fetcher.__init__.__code__.co_names


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
    assert made == [Batch(2, [1, 2], [1_700_000_000.001, 1_700_000_000.002], [b"b", b"c"], [b"acme", b"acme"])]
    assert records.next_fetch_offset == 3


def test_what_was_kept_while_others_had_the_partition_takes_no_commit_of_theirs_back() -> None:
    consumer, place = Consumer.__new__(Consumer), ("usage", 0)
    consumer._course, consumer._ledger = Course(), Ledger()
    consumer._course.restart({place: 30})
    done = asyncio.run(consumer.admit(Handed(place, Chunk("usage", 0, "usage", [10, 19], [0.0, 0.0], [b"", b""]))))
    assert done is not None
    done()
    assert consumer._ledger.committable() == {place: 30}
