"""The thread in which aiokafka fetches for Faust."""

from typing import Any

from faust.transport.drivers import aiokafka as driver

from streams.kafka.fetched import Fetched
from streams.kafka.topics import ISOLATION

FETCH_WAIT_MS = 50
"""How long a broker may wait for something to hand out. aiokafka has one request under way for each broker, without the
partitions of which something waits to be taken; those are not asked for before it is answered. While a worker catches
up on one topic, the others have nothing: Faust's 1.5 s were a standstill.
"""

FETCH_BYTES = 8 * 1024 * 1024
"""Of one partition, a chunk's worth of usual messages, and of all that are fetched together: what comes is copied three
times on its way, and memory beyond what the allocator keeps is asked of the system, and cleared by it, each time.
"""


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # faust's types are not read
    """The thread that fetches."""

    async def on_start(self) -> None:
        """aiokafka's consumer is there now; nothing was handed out of it yet."""
        await super().on_start()
        fetcher = self._ensure_consumer()._fetcher
        fetcher._records = Fetched(fetcher._records)
        fetcher._fetch_max_wait_ms = FETCH_WAIT_MS
        fetcher._fetch_max_bytes = FETCH_BYTES

    def _create_worker_consumer(self, transport: Any) -> Any:
        """aiokafka's consumer, which gives out what was aborted unless it is told otherwise; Faust tells it so only
        when it writes within transactions itself.
        """
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = ISOLATION
        return consumer

    def highwater(self, tp: Any) -> int | None:
        """Up to where there is something to read: where the first transaction begins that is still open, if any is.
        None while that is not known, and where the partition is not ours.
        """
        state = self._state(tp)
        return None if state is None else state.lso

    def position(self, tp: Any) -> int | None:
        """Where it goes on reading; None as above. All before is handed out, or was not there to be."""
        state = self._state(tp)
        return state.position if state is not None and state.has_valid_position else None

    def _state(self, tp: Any) -> Any:
        """What aiokafka knows of a partition; None where it is not ours, as when somebody has deleted its topic."""
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        return None if assignment is None else assignment.state_value(driver.ensure_aiokafka_TP(tp))

    async def _fetch_records(self, consumer: Any, active_partitions: Any, **bounds: Any) -> Any:
        """What was fetched of one partition: making objects of all at once would keep heartbeats waiting."""
        fetched = consumer._fetcher._records
        ready = next((place for place in fetched if place in (active_partitions or ())), None)
        if ready is not None:
            active_partitions, bounds["timeout"] = {ready}, 0
        return await super()._fetch_records(consumer, active_partitions, **bounds)
