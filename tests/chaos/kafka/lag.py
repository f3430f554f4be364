"""What a group has not committed, and who has it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from streams.kafka.topics import INPUTS


class Behind(NamedTuple):
    """A partition of a topic of which something is not committed."""

    place: str
    committed: int | None
    """The next offset to read; None when nothing ever was committed."""

    end: int
    owners: Sequence[str]
    """Names of the members of the group that it is assigned to: one, where all is well."""

    def __str__(self) -> str:
        owners = " and ".join(self.owners) or "nobody"
        return f"{self.place} is committed up to {self.committed} of {self.end} and belongs to {owners}"


def lag(bootstrap: str, prefix: str, group: str) -> int:
    """Messages in the input topics that the group has not committed."""
    return sum(end - (committed or 0) for _, committed, end in _uncommitted(bootstrap, prefix, group))


def behind(bootstrap: str, prefix: str, group: str, name: Callable[[str], str]) -> list[Behind]:
    """The partitions of which something is not committed. name: of a member, by its id in the group."""
    owners = _owners(bootstrap, group)
    return [
        Behind(f"{place.topic}-{place.partition}", committed, end, [name(one) for one in owners.get(place, ())])
        for place, committed, end in _uncommitted(bootstrap, prefix, group)
    ]


def places(consumer: Any, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of topics, in order."""
    return [
        TopicPartition(topic, partition)
        for topic in topics
        for partition in sorted(consumer.partitions_for_topic(topic) or ())
    ]


def _uncommitted(bootstrap: str, prefix: str, group: str) -> Iterator[tuple[TopicPartition, int | None, int]]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        asked = places(consumer, [prefix + topic for topic in INPUTS.values()])
        ends = consumer.end_offsets(asked)
        for place in asked:
            committed = consumer.committed(place)
            if (committed or 0) != ends[place]:
                yield place, committed, ends[place]
    finally:
        consumer.close(autocommit=False)


def _owners(bootstrap: str, group: str) -> dict[TopicPartition, list[str]]:
    """Ids of members, by what is assigned to them."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        described = admin.describe_groups([group])[group]
    finally:
        admin.close()
    found: dict[TopicPartition, list[str]] = {}
    for member in described["members"]:
        for topic in (member["member_assignment"] or {}).get("assigned_partitions", ()):
            for partition in topic["partitions"]:
                found.setdefault(TopicPartition(topic["topic"], partition), []).append(member["member_id"])
    return found
