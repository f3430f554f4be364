"""From just before an event is handed to a producer to the arrival of the trigger that it makes.

500 events/s. Of each 16, 8 are the first of a new account, each with another feature, so that the last of them
triggers; the others go to accounts that never trigger. Both ends are in this process.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from statistics import median, quantiles
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.peers.events import FEATURES_MIN, PARTITIONS, message, partition_of
from benchmarks.peers.measure import RUN_S_MAX, task
from benchmarks.peers.participants import Participant
from benchmarks.peers.process import Process, wait
from benchmarks.peers.topics import Topics

RATE = 500
WARM_S = 5.0
"""Not counted: caches fill, and Java compiles."""
COUNTED_S = 20.0
SETTLE_S = 3.0
BUSY = 2_000
"""Accounts that have events and never trigger."""


class Latency(NamedTuple):
    """In milliseconds."""

    participant: str
    triggers: int
    missing: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    def told(self) -> dict[str, object]:
        """For a line of JSON."""
        return {
            "triggers": self.triggers, "missing": self.missing, "p50_ms": round(self.p50_ms, 1),
            "p99_ms": round(self.p99_ms, 1), "max_ms": round(self.max_ms, 1),
        }  # fmt: skip


def typical(rounds: Sequence[Latency]) -> Latency:
    """The medians of one or more rounds of a participant; what was missing in any of them is missing."""
    return Latency(
        rounds[0].participant, sum(one.triggers for one in rounds), sum(one.missing for one in rounds),
        median(one.p50_ms for one in rounds), median(one.p99_ms for one in rounds), max(one.max_ms for one in rounds),
    )  # fmt: skip


class Exchange:
    """Sends events, and notes how soon their triggers are there."""

    def __init__(self, participant: Participant, producer: Any, topic: str) -> None:
        self._participant, self._producer, self._topic = participant, producer, topic
        self._numbers = count()
        self.sent: dict[str, float] = {}
        self.found: dict[str, float] = {}
        """Seconds, by trigger."""

    async def listen(self, consumer: Any) -> None:
        """Note triggers as they come."""
        async for record in consumer:
            now = time.perf_counter()
            name = self._participant.found(record.value).id
            if name in self.sent:
                self.found.setdefault(name, now - self.sent[name])

    async def send(self, account: str, feature: int) -> None:
        """One event; it is on its way when this returns."""
        number = next(self._numbers)
        value = message(f"l{number:011}", account, number % 7, feature, int(time.time() * 1_000))
        key = account.encode()
        if feature == FEATURES_MIN - 1:
            self.sent[f"{account}:1"] = time.perf_counter()
        await self._producer.send(self._topic, value, key=key, partition=partition_of(key))

    async def knock(self, process: Process) -> None:
        """Until the first trigger is there."""
        until = time.monotonic() + RUN_S_MAX
        for attempt in count():
            for feature in range(FEATURES_MIN):
                await self.send(f"knock-{attempt}", feature)
            await asyncio.sleep(0.25)
            if self.found:
                return
            wait(process, until)

    async def load(self, seconds: float, name: str) -> None:
        """Events at RATE."""
        began = time.perf_counter()
        for number in range(int(RATE * seconds)):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            life, step = divmod(number, 2 * FEATURES_MIN)
            if step % 2:
                await self.send(f"{name}-{life:06}", step // 2)
            else:
                await self.send(f"busy-{number * 37 % BUSY:06}", number % (FEATURES_MIN // 2))


async def _latency(participant: Participant, process: Process, bootstrap: str, given: dict[str, str]) -> Latency:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(given["PEERS_OUTPUTS"], number) for number in range(PARTITIONS)])
    exchange = Exchange(participant, producer, given["PEERS_TOPIC"])
    listening = asyncio.create_task(exchange.listen(consumer))
    try:
        await exchange.knock(process)
        await exchange.load(WARM_S, "warm")
        await exchange.load(COUNTED_S, "acct")
        await asyncio.sleep(SETTLE_S)
    finally:
        listening.cancel()
        await consumer.stop()
        await producer.stop()
    process.check()
    names = [name for name in exchange.sent if name.startswith("acct-")]
    took_ms = [1_000 * exchange.found[name] for name in names if name in exchange.found]
    cuts = quantiles(took_ms, n=100)
    return Latency(participant.name, len(took_ms), len(names) - len(took_ms), cuts[49], cuts[98], max(took_ms))


def latency(participant: Participant, topics: Topics) -> Latency:
    """Of one participant. FailedError if it does not get through."""
    topic = "peers-0.usage-events"
    given = task(participant, f"{participant.name}.latency", topics.bootstrap, topic, 0)
    topics.create(topic, *([] if participant.outputs else [given["PEERS_OUTPUTS"]]))
    with Process(participant.environment.command(*participant.arguments), given) as process:
        return asyncio.run(_latency(participant, process, topics.bootstrap, given))
