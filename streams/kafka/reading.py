"""Reading topics for people: what is there, and what comes."""

from collections.abc import Iterator, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from streams.kafka.administration import CONNECT_S_MAX, unreachable
from streams.kafka.settings import Settings

POLL_MS = 500
FETCHED_MAX = 1_000


def messages(
    settings: Settings, topic: str, *, follow: bool = False, last: int | None = None, group: str | None = None
) -> Iterator[Any]:
    """The messages of a topic, kafka-python's records: those that are there, and with `follow` those that come.

    last: only so many of the newest of each partition; group: begin where that consumer group has committed, and commit
    what was taken when the next one is asked for.
    """
    with unreachable(settings):
        consumer = KafkaConsumer(
            **settings.connection(), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest",
            bootstrap_timeout_ms=int(CONNECT_S_MAX * 1000),
        )  # fmt: skip
    try:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = consumer.end_offsets(places) if places else {}
        consumer.assign(places)
        if last is not None:
            for place, first in consumer.beginning_offsets(places).items():
                consumer.seek(place, max(first, ends[place] - last))
        while follow or _waiting(consumer, places, ends):
            for fetched in consumer.poll(timeout_ms=POLL_MS, max_records=FETCHED_MAX).values():
                for message in fetched:
                    if follow or message.offset < ends[TopicPartition(message.topic, message.partition)]:
                        yield message
            if group is not None:  # not what came meanwhile, which may be fetched already
                taken = {place: min(consumer.position(place), ends[place]) for place in places}
                consumer.commit({place: OffsetAndMetadata(offset) for place, offset in taken.items()})
    finally:
        consumer.close(autocommit=False)


def _waiting(consumer: Any, places: Sequence[Any], ends: Any) -> bool:
    return any(consumer.position(place) < ends[place] for place in places)
