"""Sends checkpoints, in the order that they ask for."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from streams.kafka.changelog import Changelog
from streams.kafka.checkpoint import Checkpoint, Message
from streams.kafka.letter import encode
from streams.kafka.partition import Partition
from streams.kafka.sender import Sender
from streams.kafka.telemetry import Telemetry

Made = tuple[int, Partition, Checkpoint]
"""A partition's number, the partition, and what is to be sent of it."""


class Outputs(NamedTuple):
    """Topics that a worker writes to, beside the changelog."""

    health: str
    triggers: str
    dead_letters: str


class Outlets(NamedTuple):
    """What a worker writes by, and where to."""

    changelog: Changelog
    sender: Sender
    outputs: Outputs


class Writer:
    """Of one worker."""

    def __init__(self, outlets: Outlets, telemetry: Telemetry, message_bytes_max: int) -> None:
        self._changelog, self._sender, self._outputs = outlets
        self._telemetry = telemetry
        self._message_bytes_max = message_bytes_max

    async def write(self, made: Sequence[Made]) -> None:
        """Send checkpoints, and tell the partitions."""
        await asyncio.gather(*(self._precede(*one) for one in made))
        await asyncio.gather(*(self._record(*one) for one in made))
        await asyncio.gather(
            *(self._send(self._outputs.triggers, number, checkpoint.triggers) for number, _, checkpoint in made)
        )
        for _, partition, checkpoint in made:
            partition.written(checkpoint)
            self._count(checkpoint)

    async def _precede(self, number: int, partition: Partition, made: Checkpoint) -> None:
        """Send what must be with the broker before the records are."""
        dead, partition.dead = partition.dead, []
        await self._send(self._outputs.health, number, made.health)
        letters = [(letter.position, encode(letter, self._message_bytes_max)) for letter in dead]
        await self._send(self._outputs.dead_letters, number, letters)
        for letter in dead:
            self._telemetry.dead_letters.labels(letter.reason).inc()

    async def _record(self, number: int, partition: Partition, made: Checkpoint) -> None:
        if made.records:
            partition.rewrite(await self.record(number, made.records))

    async def record(self, number: int, records: Sequence[Message]) -> set[str]:
        """Write records of a partition that is ours; the accounts that somebody without the right wrote over."""
        foreign = await self._changelog.write(number, [(account_id.encode(), value) for account_id, value in records])
        self._telemetry.displaced.inc(len(foreign))
        return foreign

    async def _send(self, topic: str, number: int, messages: Iterable[Message]) -> None:
        sent = [(key.encode(), value) for key, value in messages]
        if sent:
            await self._sender.send(topic, number, sent)

    def _count(self, made: Checkpoint) -> None:
        self._telemetry.checkpoint_records.inc(len(made.records))
        for _, trigger in made.triggers:
            self._telemetry.triggers.labels(msgspec.json.decode(trigger)["data"]["play"]).inc()
