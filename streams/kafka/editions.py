"""Which configuration a worker runs: the newest in the topic that can be used; as long as there is none, its files."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as Place

from scoring.profile import Profile
from streams.configuration import Configuration, Texts
from streams.kafka.administration import CONNECT_S_MAX, unreachable
from streams.kafka.edition import Edition, edition
from streams.kafka.publication import Reference, RefusedError, check_layout, encode, judge
from streams.kafka.reading import messages
from streams.kafka.record import CLAIM, decode
from streams.kafka.settings import Settings
from streams.kafka.topics import CONFIGURATION, RECORDS

TAIL = 200
"""Newest messages of a partition of the changelog among which there is a record, if it has any: the others are claims,
of which there is one for each time that the partition changed hands."""

POLL_MS = 500

ACKNOWLEDGED_S_MAX = 60.0

HEARD_S_MAX = 30.0
"""How long what another worker has read may take to arrive here. It is never that long, unless it was deleted."""

logger = logging.getLogger(__name__)


class Found(NamedTuple):
    """A message of the configuration topic."""

    position: int
    at: float
    """Unix seconds."""

    value: bytes
    refused: str | None
    """Why it can't be used; None when it can, or when nobody has looked, since a newer one can."""


class Start(NamedTuple):
    """What a worker begins with."""

    edition: Edition
    next: int
    """Offset of the topic from which on to follow it; -1 when it is not followed."""

    refused: tuple[Found, ...] = ()
    """What is newer, and can't be used."""


def begin(settings: Settings, files: Configuration, *, files_only: bool = False) -> Start:
    """What a worker with these files begins with."""
    if files_only:
        return Start(edition(files), -1)
    published, chosen, configuration = newest(settings, files.profile)
    following = published[-1].position + 1 if published else 0
    refused = tuple(one for one in published if one.refused is not None)
    if configuration is None or chosen is None:
        return Start(edition(files), following, refused)
    return Start(edition(configuration, chosen.position), following, refused)


def newest(settings: Settings, known: Profile) -> tuple[list[Found], Found | None, Configuration | None]:
    """All that is in the topic, the newest of it that can be used, and what that holds. known: a profile to tell
    differences by if the records are of its layout.
    """
    published = [
        Found(message.offset, message.timestamp / 1000, message.value, None)
        for message in messages(settings, settings.prefix + CONFIGURATION)
        if message.value is not None
    ]
    if not published:
        return [], None, None
    reference = records_reference(settings, known)
    for index in range(len(published) - 1, -1, -1):
        try:
            configuration = judge(published[index].value, reference)
        except RefusedError as error:
            published[index] = published[index]._replace(refused=str(error))
        else:
            return published, published[index], configuration
    return published, None, None


def records_reference(settings: Settings, known: Profile) -> Reference | None:
    """What the records are like, of whatever partition; None when there are none."""
    topic = settings.prefix + RECORDS
    with unreachable(settings):
        consumer = KafkaConsumer(
            **settings.connection(), enable_auto_commit=False, bootstrap_timeout_ms=int(CONNECT_S_MAX * 1000)
        )
    try:
        places = [Place(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        ends = consumer.end_offsets(places) if places else {}
        starts = consumer.beginning_offsets(places) if places else {}
        for place in places:
            consumer.assign([place])
            consumer.seek(place, max(starts[place], ends[place] - TAIL))
            while consumer.position(place) < ends[place]:
                for fetched in consumer.poll(timeout_ms=POLL_MS, max_records=TAIL).values():
                    for message in fetched:
                        if message.key != CLAIM and message.value is not None:
                            signature = decode(message.value).signature
                            return Reference(signature, known if known.layout.signature == signature else None)
    finally:
        consumer.close(autocommit=False)
    return None


class Follower:
    """Reads what is published while the worker runs, and has it adopted."""

    def __init__(
        self, topic: str, connection: Mapping[str, Any], start: Start, adopt: Callable[[Edition], Awaitable[None]],
        on_refused: Callable[[], None],
    ) -> None:  # fmt: skip
        self._place = TopicPartition(topic, 0)
        self._connection = connection
        self._next = start.next
        self._profile = start.edition.engine.profile
        self._adopt = adopt
        self._on_refused = on_refused
        self._moved = asyncio.Condition()

    async def run(self) -> None:
        """Follow the topic until cancelled."""
        if self._next < 0:
            return
        async with AIOKafkaConsumer(**self._connection, enable_auto_commit=False) as consumer:
            consumer.assign([self._place])
            consumer.seek(self._place, self._next)
            async for message in consumer:
                await self.take(message.offset, message.value)

    async def take(self, position: int, value: bytes | None) -> None:
        """Judge what was published, and have it adopted if it can be used. None: somebody has deleted it by hand."""
        if value is not None:
            await self._judge(position, value)
        async with self._moved:
            self._next = position + 1
            self._moved.notify_all()

    async def _judge(self, position: int, value: bytes) -> None:
        reference = Reference(self._profile.layout.signature, self._profile)
        try:
            configuration = await asyncio.to_thread(judge, value, reference)
        except RefusedError as error:
            self._on_refused()
            logger.error("configuration %d is refused, %s stays: %s", position, self._profile.label, error)
            return
        found = await asyncio.to_thread(edition, configuration, position)
        await self._adopt(found)
        self._profile = configuration.profile
        logger.info(
            "configuration %d: profile %s, plays %s", position, configuration.profile.label,
            configuration.playbook.version,
        )  # fmt: skip

    async def heard(self, position: int) -> None:
        """Wait until everything up to a position was judged."""
        if position < self._next or self._next < 0:
            return
        logger.info("waiting for configuration %d, which the owner before us had", position)
        try:
            async with asyncio.timeout(HEARD_S_MAX), self._moved:
                await self._moved.wait_for(lambda: position < self._next)
        except TimeoutError:
            logger.warning("configuration %d is not in the topic any more: going on without", position)


def publish(settings: Settings, texts: Texts, profile: Profile) -> int:
    """Send a configuration; its position. RefusedError when the records can't be read under its profile."""
    _, _, running = newest(settings, profile)
    known = profile if running is None else running.profile
    check_layout(profile, records_reference(settings, known))
    key, value = encode(texts)
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
