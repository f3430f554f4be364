"""Asks the brokers when messages arrived, on all partitions of the streams whose silence is watched."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from scoring.document import format_duration
from streams.kafka.sources import Sources

SAID = {
    "dark": "stream %s is dark: nothing has arrived on any partition for %s; no play opens or recovers by silence",
    "returned": "stream %s is back; silence counts again when its senders have had as long as it took (it may be quiet"
    " for %s)",
    "counts": "silence counts again on stream %s, which may be quiet for %s",
}

logger = logging.getLogger(__name__)


class Lookout:
    """Keeps what is known of the sources up to date while it runs."""

    def __init__(
        self, sources: Sources, topics: Mapping[str, str], partitions: int, connection: Mapping[str, Any],
        on_change: Callable[[], None],
    ) -> None:  # fmt: skip
        """topics: by stream; partitions: of each; on_change: called when what is known of a source has changed."""
        self._sources = sources
        self._places = {
            stream: [TopicPartition(topics[stream], number) for number in range(partitions)]
            for stream in sources.streams
        }
        self._connection = connection
        self._on_change = on_change
        self._born: dict[str, float] = {}

    async def run(self) -> None:
        """Look until cancelled. While the brokers can't be asked, the sources get out of sight (see Sources.blind)."""
        if not self._sources.streams:
            return
        consumer = AIOKafkaConsumer(**self._connection, enable_auto_commit=False)
        await consumer.start()
        try:
            waiting = [*self._sources.reviewed(time.time())]
            while True:
                try:
                    while waiting:
                        await self._look(consumer, waiting[0])
                        del waiting[0]
                    await self._look(consumer, time.time())
                    self._sources.looked(time.monotonic())
                except KafkaError as error:
                    logger.warning("when messages arrived can't be asked: %s", error)
                await asyncio.sleep(self._sources.look_s)
        finally:
            await consumer.stop()

    async def _look(self, consumer: AIOKafkaConsumer, at: float) -> None:
        """Note what the topics tell of the instant `at`."""
        sources = self._sources.streams
        newborn = [stream for stream in sources if stream not in self._born]
        if newborn:
            firsts = await self._firsts(consumer, dict.fromkeys(newborn, 0.0))
            self._born.update((stream, first) for stream, first in firsts.items() if first is not None)
        firsts = await self._firsts(consumer, {stream: at - source.dark_after_s for stream, source in sources.items()})
        for stream, source in sources.items():
            changed = source.note(at, firsts[stream], ever=self._born.get(stream, inf) <= at)
            if changed is not None:
                log = logger.warning if changed == "dark" else logger.info
                log(SAID[changed], stream, format_duration(source.dark_after_s))
                self._on_change()

    async def _firsts(self, consumer: AIOKafkaConsumer, since: Mapping[str, float]) -> dict[str, float | None]:
        """When the first message arrived of those since an instant, by stream."""
        asked = {place: int(at * 1000) for stream, at in since.items() for place in self._places[stream]}
        found = await consumer.offsets_for_times(asked)
        return {
            stream: min((found[place].timestamp / 1000 for place in self._places[stream] if found[place]), default=None)
            for stream in since
        }
