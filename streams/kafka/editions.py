"""Which configuration a worker runs: the newest in the topic that can be used; as long as there is none, its files."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import KafkaConsumer
from kafka import TopicPartition as Place

from scoring.profile import Profile
from streams.configuration import Configuration
from streams.kafka import namespace
from streams.kafka.administration import CONNECT_S_MAX, unreachable
from streams.kafka.edition import Edition, edition
from streams.kafka.publication import Check, Rebuilt, Reference, RefusedError, judge
from streams.kafka.publication import decode as decode_publication
from streams.kafka.reading import messages
from streams.kafka.record import CLAIM, MADE_OF, decode
from streams.kafka.settings import Settings
from streams.kafka.topics import CONFIGURATION, RECORDS

TAIL = 200
"""Newest messages of a partition of the changelog among which there is a record, if it has any: the others are claims,
of which there is one for each time that the partition changed hands."""

POLL_MS = 500

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


class Newest(NamedTuple):
    """What the configuration topic says."""

    published: list[Found]
    """All that is in it."""

    chosen: Found | None = None
    """The newest that can be used."""

    configuration: Configuration | None = None
    """What that holds."""

    rebuilt: Rebuilt | None = None
    """The records that the workers go on from: those of the newest switch that can be used."""

    reference: Reference | None = None
    """What the records are like, or will be after that; None when there are none."""


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
    found = newest(settings, files.profile)
    following = found.published[-1].position + 1 if found.published else 0
    refused = tuple(one for one in found.published if one.refused is not None)
    if found.configuration is None or found.chosen is None:
        return Start(edition(files), following, refused)
    return Start(edition(found.configuration, found.chosen.position, found.rebuilt), following, refused)


def newest(settings: Settings, known: Profile) -> Newest:
    """What runs. known: a profile to tell differences by if the records are of its layout."""
    published = [
        Found(message.offset, message.timestamp / 1000, message.value, None)
        for message in messages(settings, settings.prefix + CONFIGURATION)
        if message.value is not None
    ]
    reference = records_reference(settings, known)
    check = partial(namespace.check, settings)
    switch = -1
    configuration = rebuilt = None
    # a switch first: what was published after it is to fit the records as they are then, though some may yet be left
    for index in range(len(published) - 1, -1, -1):
        rebuilt = _rebuilt(published[index].value)
        if rebuilt is not None:
            configuration = _judged(published, index, reference, check)
            if configuration is not None:
                switch, profile = index, configuration.profile
                reference = Reference(profile.layout.signature, profile, rebuilt.mark)
                break
    else:
        rebuilt = None
    for index in range(len(published) - 1, switch, -1):
        if _rebuilt(published[index].value) is None:
            found = _judged(published, index, reference, check)
            if found is not None:
                return Newest(published, published[index], found, rebuilt, reference)
    return Newest(published, published[switch] if switch >= 0 else None, configuration, rebuilt, reference)


def _rebuilt(value: bytes) -> Rebuilt | None:
    """The records that a message names, if it is one that does."""
    try:
        return decode_publication(value).rebuilt
    except RefusedError:
        return None


def _judged(published: list[Found], index: int, reference: Reference | None, check: Check) -> Configuration | None:
    """What a message holds if it can be used; else why not is noted."""
    try:
        return judge(published[index].value, reference, check)
    except RefusedError as error:
        published[index] = published[index]._replace(refused=str(error))
        return None


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
                        if message.key not in (CLAIM, MADE_OF) and message.value is not None:
                            record = decode(message.value)
                            profile = known if known.layout.signature == record.signature else None
                            return Reference(record.signature, profile, record.made)
    finally:
        consumer.close(autocommit=False)
    return None


class Follower:
    """Reads what is published while the worker runs, and has it adopted."""

    def __init__(
        self, settings: Settings, start: Start, adopt: Callable[[Edition], Awaitable[None]],
        on_refused: Callable[[], None],
    ) -> None:  # fmt: skip
        self._place = TopicPartition(settings.prefix + CONFIGURATION, 0)
        self._connection = settings.connection()
        self._check = partial(namespace.check, settings)
        self._rebuilt = start.edition.rebuilt
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
            configuration = await asyncio.to_thread(judge, value, reference, self._check)
        except RefusedError as error:
            self._on_refused()
            logger.error("configuration %d is refused, %s stays: %s", position, self._profile.label, error)
            return
        self._rebuilt = _rebuilt(value) or self._rebuilt
        found = await asyncio.to_thread(edition, configuration, position, self._rebuilt)
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
