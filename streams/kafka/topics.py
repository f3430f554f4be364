"""The topics: which there are, and how they must be."""

from collections.abc import Mapping
from typing import NamedTuple

from streams.kafka.letter import bytes_max
from streams.kafka.settings import Settings

DAY_MS = 86_400_000

COMPACTION_LAG_MS = 3_600_000
"""A record that a worker without the right has written lies upon the right one; until its owner has seen that and has
written again, compaction must leave both."""

NAMESPACE_LAG_MS = 7 * DAY_MS
"""The same, of rebuilt records: nobody writes those again, so they must be left until all workers went on from them."""

AROUND_BYTES = 65_536
"""More than Kafka puts around a message."""

INPUTS: Mapping[str, str] = {
    "usage": "usage-events",
    "cs": "cs-events",
    "advocacy": "advocacy-events",
    "revenue": "revenue-events",
    "accounts": "account-events",
}
"""Topic by stream, in the order of the streams."""

RECORDS, HEALTH, TRIGGERS, DEAD_LETTERS = "account-records", "account-health", "play-triggers", "dead-letters"
CONFIGURATION = "configuration"

ISOLATION = "read_committed"
"""How the input topics are read: what a producer has aborted was never sent, and what it has yet to commit waits."""


class Topic(NamedTuple):
    """One topic as it must be."""

    name: str
    purpose: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def namespace(settings: Settings, name: str) -> Topic:
    """The topic of a namespace: records that are rebuilt beside the workers' own."""
    config = {
        "cleanup.policy": "compact", "min.compaction.lag.ms": str(NAMESPACE_LAG_MS),
        "max.message.bytes": str(settings.message_bytes_max + AROUND_BYTES),
    }  # fmt: skip
    topic = f"{settings.prefix}{RECORDS}.{name}"
    return Topic(topic, f"records rebuilt as {name}", settings.partitions, settings.replication, config)


def topics(settings: Settings) -> tuple[Topic, ...]:
    """All topics of an installation."""

    def topic(name: str, purpose: str, **config: object) -> Topic:
        named = {key.replace("_", "."): str(value) for key, value in config.items()}
        return Topic(settings.prefix + name, purpose, settings.partitions, settings.replication, named)

    inputs = [
        topic(
            name, f"events of the stream {stream}, keyed by account", cleanup_policy="delete",
            retention_ms=settings.events_days * DAY_MS, message_timestamp_type="LogAppendTime",
        )
        for stream, name in INPUTS.items()
    ]  # fmt: skip
    return (
        *inputs,
        topic(
            RECORDS, "the account records: the workers' changelog", cleanup_policy="compact",
            min_compaction_lag_ms=COMPACTION_LAG_MS, max_message_bytes=settings.message_bytes_max + AROUND_BYTES,
        ),
        topic(HEALTH, "the newest score of each account", cleanup_policy="compact"),
        topic(
            TRIGGERS, "a CloudEvent for each episode that opens", cleanup_policy="delete",
            retention_ms=settings.triggers_days * DAY_MS,
        ),
        topic(
            DEAD_LETTERS, "what was refused, and why", cleanup_policy="delete",
            retention_ms=settings.dead_letters_days * DAY_MS,
            max_message_bytes=bytes_max(settings.message_bytes_max) + AROUND_BYTES,
        ),
        topic(
            CONFIGURATION, "profile, plays and vocabulary, newest last", cleanup_policy="compact",
            max_message_bytes=settings.message_bytes_max + AROUND_BYTES,
        )._replace(partitions=1),
    )  # fmt: skip
