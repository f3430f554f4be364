"""What aiokafka has fetched, a whole batch at a time: to hand it out record by record costs more than to read it.

A batch is passed off as one record on its way through aiokafka, which goes on seeing to checksums, to control batches
and to where it has got to.
"""

from collections import OrderedDict
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from aiokafka.consumer.fetcher import FetchResult

_each_offset, _each_stamp = attrgetter("offset"), attrgetter("timestamp")
_each_value, _each_key = attrgetter("value"), attrgetter("key")


class Batch(NamedTuple):
    """Messages that a producer sent together, or what compaction left of them; none, when the end of what was fetched
    holds nothing to be read."""

    offset: int
    """The last one that it stands for. All that aiokafka looks at."""

    offsets: list[int]
    arrivals: list[float]
    """When the broker took each, or the producer says that it was sent, unix seconds."""

    values: list[bytes]
    keys: list[bytes | None]
    since: int = 0
    """The first offset that it stands for: between it and the first message is nothing that anybody may read, but marks
    of transactions, what was aborted, and what compaction left out."""


class Fetched(OrderedDict[Any, Any]):
    """aiokafka's store of what was fetched, by partition: what is taken out of it are Batches."""

    def __setitem__(self, place: Any, fetched: Any) -> None:
        if isinstance(fetched, FetchResult):
            records = fetched._partition_records
            records._records = _Batches(records._records, records.next_fetch_offset)
            records._consumer_record = _as_it_is
            records._records_iterator = _gapless(records, records._records_iterator)
        super().__setitem__(place, fetched)


def _gapless(records: Any, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches, each beginning where the one before it ended, up to where aiokafka goes on: a partition that ends
    with the mark of a transaction would else never have been read to its end.
    """
    reached = records.next_fetch_offset
    for batch in batches:
        yield batch._replace(since=reached)
        reached = batch.offset + 1
    if records.next_fetch_offset > reached:
        yield Batch(records.next_fetch_offset - 1, [], [], [], [], reached)


def _as_it_is(_place: Any, batch: Batch) -> Batch:
    return batch


class _Batches:
    """In place of aiokafka's MemoryRecords."""

    def __init__(self, records: Any, start: int) -> None:
        """start: the offset that was asked for; the first batch may begin before it."""
        self._records = records
        self._start = start
        self.has_next = records.has_next

    def next_batch(self) -> "_Whole":
        return _Whole(self._records.next_batch(), self._start)


class _Whole:
    """A batch of aiokafka's, with a single record in it."""

    def __init__(self, batch: Any, start: int) -> None:
        self._batch = batch
        self._start = start

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        """The marker of a control batch."""
        return next(self._batch)

    def __iter__(self) -> Iterator[Batch]:
        records = list(self._batch)
        if records and records[0].offset < self._start:
            records = [record for record in records if record.offset >= self._start]
        if records:
            stamps = map(_each_stamp, records)
            yield Batch(
                records[-1].offset, list(map(_each_offset, records)),
                [(stamp or 0) / 1000 for stamp in stamps], [value or b"" for value in map(_each_value, records)],
                list(map(_each_key, records)),
            )  # fmt: skip
