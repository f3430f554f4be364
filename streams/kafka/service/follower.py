"""Follows the output topics, and takes what they say into the read model."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.kafka.service.model import READ, Applied, Batch, Message, Model
from streams.kafka.service.telemetry import Telemetry
from streams.kafka.settings import Settings
from streams.kafka.topics import HEALTH

POLL_S = 0.25
"""How long to wait for messages before looking whether to stop."""

MESSAGES_MAX = 2_000
"""Taken in together: a transaction of some megabytes."""

FETCH_BYTES = 4 * 1024 * 1024

MEASURE_S = 0.5
"""How often lag is looked at."""

STOP_S_MAX = 5.0
"""How long taking leave of the brokers may take; they may be away."""

RETRY_S = 1.0
"""After a disk that took nothing."""

logger = logging.getLogger(__name__)


class Follower:
    """Of no consumer group: every service reads all of it, from where its own read model is."""

    def __init__(
        self, settings: Settings, model: Model, telemetry: Telemetry, on_triggers: Callable[[], None],
        on_failure: Callable[[], None],
    ) -> None:  # fmt: skip
        """on_triggers: told when new ones can be read; on_failure: when the topics can't be followed any more."""
        self._settings = settings
        self._model = model
        self._telemetry = telemetry
        self._on_triggers = on_triggers
        self._on_failure = on_failure
        self._stopping = False
        self._ends: Mapping[Any, int] = {}
        self.caught_up = False
        """Whether all that was in the topics at the start is in the read model."""
        self.no_room = False
        """Whether the disk took nothing the last time."""

    async def start(self) -> None:
        """Connect, see how much there is, and begin to read."""
        prefix, partitions = self._settings.prefix, range(self._settings.partitions)
        self._names = {prefix + name: name for name in READ}
        self._consumer = AIOKafkaConsumer(
            **self._settings.connection(), enable_auto_commit=False, auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
        )  # fmt: skip
        await self._consumer.start()
        places = {TopicPartition(topic, number): (name, number) for topic, name in self._names.items()
                  for number in partitions}  # fmt: skip
        self._consumer.assign(list(places))
        known = self._model.places()
        unread = [place for place, key in places.items() if key not in known]
        for place, key in places.items():
            if key in known:
                self._consumer.seek(place, known[key])
        if unread:
            await self._consumer.seek_to_beginning(*unread)
        self._ends = await self._consumer.end_offsets(list(places))
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Read no more; what was read is in the read model."""
        self._stopping = True
        await self._task
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S_MAX):
                await self._consumer.stop()

    async def _run(self) -> None:
        measured = 0.0
        try:
            while not self._stopping:
                fetched = await self._consumer.getmany(timeout_ms=int(POLL_S * 1000), max_records=MESSAGES_MAX)
                if fetched:
                    await self._take(fetched)
                if time.monotonic() >= measured + MEASURE_S:
                    await self._measure()
                    measured = time.monotonic()
        except Exception as error:
            logger.critical("the output topics can't be followed: %s", error, exc_info=error)
            self._on_failure()

    async def _take(self, fetched: Mapping[Any, Sequence[Any]]) -> None:
        batches = [
            Batch(
                self._names[place.topic], place.partition,
                [Message(one.offset, one.key or b"", one.value, one.timestamp / 1000) for one in messages],
            )
            for place, messages in fetched.items()
        ]  # fmt: skip
        applied = await self._apply(batches)
        if applied is None:
            return
        for batch in batches:
            self._telemetry.read.labels(batch.topic).inc(len(batch.messages))
        for topic, count in applied.skipped.items():
            self._telemetry.skipped.labels(topic).inc(count)
        if applied.triggers:
            self._on_triggers()

    async def _apply(self, batches: Sequence[Batch]) -> Applied | None:
        """Until the disk takes it; None when we are told to stop before."""
        while not self._stopping:
            try:
                applied = await asyncio.to_thread(self._model.apply, batches)
            except sqlite3.OperationalError as error:
                if not self.no_room:
                    logger.error("the read model can't be written; trying again: %s", error)
                self.no_room = True
                await asyncio.sleep(RETRY_S)
            else:
                self.no_room = False
                return applied
        return None

    async def _measure(self) -> None:
        """Note how much is left, and whether all that was there at the start is done."""
        lag = dict.fromkeys(READ, 0)
        reached = True
        for place, end in self._ends.items():
            position = await self._consumer.position(place)
            reached = reached and position >= end
            newest = self._consumer.highwater(place)
            lag[self._names[place.topic]] += max(0, (end if newest is None else newest) - position)
        for topic, count in lag.items():
            self._telemetry.lag.labels(topic).set(count)
        if not lag[HEALTH] and not self._stopping:  # who stops may have left what was fetched
            with suppress(sqlite3.OperationalError):  # a disk that takes nothing may take it the next time
                await asyncio.to_thread(self._model.read_all, time.time())
        if reached and not self.caught_up:
            self.caught_up = True
            logger.info("the read model has all that was in the topics at the start")
