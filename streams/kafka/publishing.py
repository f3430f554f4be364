"""What operators send to the configuration topic: another configuration, or a switch to rebuilt records."""

from collections.abc import Sequence

from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as Place

from scoring.profile import Profile
from streams.configuration import Texts, read
from streams.kafka import namespace
from streams.kafka.administration import CONNECT_S_MAX, unreachable
from streams.kafka.editions import newest
from streams.kafka.publication import Publication, RefusedError, check_layout, encode, publication
from streams.kafka.settings import Settings
from streams.kafka.topics import CONFIGURATION, INPUTS

ACKNOWLEDGED_S_MAX = 60.0


def publish(settings: Settings, texts: Texts, profile: Profile) -> int:
    """Send a configuration; its position. RefusedError when the records can't be read under its profile."""
    found = newest(settings, profile)
    reference, running = found.reference, found.configuration
    if reference is not None and running is not None and running.profile.layout.signature == reference.signature:
        reference = reference._replace(profile=running.profile)
    check_layout(profile, reference)
    return _send(settings, *encode(texts))


def switch(settings: Settings, name: str) -> tuple[int, Publication]:
    """Have all workers go on from the records of a namespace, under the configuration that they were built under; the
    position of what says so, and what was published. RefusedError when they can't.
    """
    found = namespace.manifests(settings, name)
    built = found[0].publication
    running = newest(settings, read(built.texts).profile).rebuilt
    if running is not None and running.namespace == name:
        raise RefusedError(f"the workers go on from namespace {name!r} already")
    _check_begins(settings, name, [one.ends for one in found])
    rebuilt = namespace.seal(settings, name)
    position = _send(settings, *encode(built.texts, rebuilt))
    return position, publication(built.texts, rebuilt)


def _check_begins(settings: Settings, name: str, all_ends: Sequence[Sequence[int]]) -> None:
    """RefusedError when messages that came since a namespace was rebuilt are no longer in their topics."""
    with unreachable(settings):
        consumer = KafkaConsumer(
            **settings.connection(), enable_auto_commit=False, bootstrap_timeout_ms=int(CONNECT_S_MAX * 1000)
        )
    try:
        needed = {
            Place(settings.prefix + topic, number): end
            for number, ends in enumerate(all_ends)
            for topic, end in zip(INPUTS.values(), ends, strict=True)
        }
        begins = consumer.beginning_offsets(list(needed))
    finally:
        consumer.close(autocommit=False)
    for place, end in needed.items():
        if end < begins[place]:
            raise RefusedError(
                f"namespace {name!r} was rebuilt too long ago: {place.topic}-{place.partition} begins at"
                f" {begins[place]} now, and it ends at {end}; rebuild again, under another name"
            )


def _send(settings: Settings, key: bytes, value: bytes) -> int:
    if len(value) > settings.message_bytes_max:
        raise RefusedError(f"{len(value)} bytes; at most {settings.message_bytes_max} fit (message_bytes_max)")
    with unreachable(settings):
        producer = KafkaProducer(
            **settings.connection(), acks="all", enable_idempotence=True, max_request_size=2 * len(value) + 65_536
        )
        try:
            sent = producer.send(settings.prefix + CONFIGURATION, key=key, value=value, partition=0)
            return int(sent.get(timeout=ACKNOWLEDGED_S_MAX).offset)
        finally:
            producer.close()
