"""Makes the topics, and says how those that are there differ from what they must be."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import GroupIdNotFoundError, KafkaError, NoError

from streams.kafka import barred
from streams.kafka.settings import Settings
from streams.kafka.topics import Topic, topics

CONNECT_S_MAX = 10.0

AT_LEAST = frozenset({"retention.ms", "max.message.bytes", "min.compaction.lag.ms"})
"""Settings of which more is as good; -1 is for ever."""

WHY: Mapping[str, str] = {
    "partitions": "topics keyed by account must have the same number, or an account's messages go to different workers;"
    " the configuration has one, or its messages have no order",
    "replication": "a broker that is lost takes with it what it alone had",
    "cleanup.policy": "compaction keeps the newest message of a key and drops the others; deletion drops what is old",
    "message.timestamp.type": "arrival is the broker's clock: a sender's can be wrong, and moves everybody's time",
    "retention.ms": "records can be rebuilt only from what is still there",
    "max.message.bytes": "a record that does not fit stops the worker",
    "min.compaction.lag.ms": "a record that was written over needs its owner's time to be written again",
}


class UnreachableError(RuntimeError):
    """No broker answered, or none let us in."""


class Mismatch(NamedTuple):
    """One way in which a topic is not as it must be; `found` is None when there is no such topic."""

    topic: str
    setting: str
    found: str | None
    wanted: str

    @property
    def reason(self) -> str:
        """For people."""
        if self.found is None:
            return f"{self.topic} is not there; `accountpulse topics create` makes it"
        return f"{self.topic}: {self.setting} is {self.found}, must be {self.wanted}: {WHY[self.setting]}"


class Found(NamedTuple):
    """A topic as it is."""

    partitions: int
    replication: int
    config: Mapping[str, str]


def create(settings: Settings, wanted: Sequence[Topic] = ()) -> list[str]:
    """Make the topics that are not there, by default of all; which they were. Those that are there stay as they are."""
    with _admin(settings) as admin:
        wanted = wanted or topics(settings)
        missing = [topic for topic in wanted if topic.name not in _found(admin, wanted)]
        if missing:
            admin.create_topics(
                {
                    topic.name: {
                        "num_partitions": topic.partitions,
                        "replication_factor": topic.replication,
                        "configs": dict(topic.config),
                    }
                    for topic in missing
                },
                wait_for_metadata=True,
            )
        return [topic.name for topic in missing]


def check(settings: Settings, wanted: Sequence[Topic] = ()) -> list[Mismatch]:
    """How the topics, by default all, differ from what they must be; empty when all is well."""
    wanted = wanted or topics(settings)
    with _admin(settings) as admin:
        found = _found(admin, wanted)
    return [mismatch for topic in wanted for mismatch in _mismatches(topic, found.get(topic.name))]


def describe(settings: Settings) -> list[tuple[Topic, Found | None]]:
    """Every topic as it must be and as it is."""
    wanted = topics(settings)
    with _admin(settings) as admin:
        found = _found(admin, wanted)
    return [(topic, found.get(topic.name)) for topic in wanted]


def identities(settings: Settings) -> dict[str, str]:
    """The ids of the topics, by name: one that was made anew under the same name has another."""
    with _admin(settings) as admin:
        found = admin.describe_topics([topic.name for topic in topics(settings)])
    return {one["name"]: str(one["topic_id"]) for one in found if not one["error_code"]}


def members(settings: Settings) -> int:
    """How many workers the brokers count in our group."""
    with _admin(settings) as admin:
        return len(admin.describe_groups([settings.group])[settings.group]["members"])


def rewind(settings: Settings, names: Sequence[str], partition: int) -> None:
    """Have our group read a partition of these topics from its beginning. KafkaError while it has workers."""
    places = [TopicPartition(name, partition) for name in names]
    with _admin(settings) as admin, suppress(GroupIdNotFoundError):  # which has committed nothing that is still there
        for error in admin.delete_group_offsets(settings.group, places).values():
            if error is not NoError:
                raise error


def _mismatches(topic: Topic, found: Found | None) -> Iterator[Mismatch]:
    if found is None:
        yield Mismatch(topic.name, "topic", None, topic.purpose)
        return
    if found.partitions != topic.partitions:
        yield Mismatch(topic.name, "partitions", str(found.partitions), str(topic.partitions))
    if found.replication < topic.replication:
        yield Mismatch(topic.name, "replication", str(found.replication), f"{topic.replication} or more")
    for name, wanted in topic.config.items():
        value = found.config.get(name, "")
        if name not in AT_LEAST:
            if value != wanted:
                yield Mismatch(topic.name, name, value, wanted)
        elif value != "-1" and int(value or 0) < int(wanted):
            yield Mismatch(topic.name, name, value, f"{wanted} or more")


def _found(admin: Any, wanted: Sequence[Topic]) -> dict[str, Found]:
    names = [topic.name for topic in wanted]
    there = {one["name"]: one["partitions"] for one in admin.describe_topics(names) if not one["error_code"]}
    if not there:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
    configs = admin.describe_configs(asked, config_filter="all")["topic"]
    return {
        name: Found(
            len(partitions),
            min(len(partition["replica_nodes"]) for partition in partitions),
            {key: str(value["value"]) for key, value in configs[name].items()},
        )
        for name, partitions in there.items()
    }


@contextmanager
def _admin(settings: Settings) -> Iterator[Any]:
    with unreachable(settings):
        admin = KafkaAdminClient(
            **settings.connection(), client_id="accountpulse-topics", request_timeout_ms=int(CONNECT_S_MAX * 1000),
            bootstrap_timeout_ms=int(CONNECT_S_MAX * 1000),
        )  # fmt: skip
    try:
        yield admin
    finally:
        admin.close()


@contextmanager
def unreachable(settings: Settings) -> Iterator[None]:
    """Say where no broker answered, or let us in."""
    try:
        yield
    except KafkaError as error:
        if why := barred.reason(settings):
            raise UnreachableError(why) from None
        raise UnreachableError(
            f"no broker answers at {settings.bootstrap_servers} within {CONNECT_S_MAX:.0f} s"
            f" ({type(error).__name__}); bootstrap_servers and security_protocol say where and how"
        ) from None
