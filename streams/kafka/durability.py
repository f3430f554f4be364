"""What a worker has applied and what of it is durable: checkpoints, at their time or at once."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from streams.kafka.around import Around, Rhythm
from streams.kafka.holding import Limits
from streams.kafka.partition import Partition
from streams.kafka.telemetry import Telemetry
from streams.kafka.writer import Outlets, Writer

CHUNKS_MAX = 64
"""Chunks applied and not durable. More are not taken before a checkpoint is through."""

PART_ACCOUNTS = 64
"""Written together: some milliseconds' work, after which a trigger may leave that came up meanwhile."""

LATE_S = 10.0
"""A partition that applies what arrived longer ago than this is catching up: what it could say of an account's health
is past, and will soon be something else."""

PUBLISH_LATE_S = 30.0
"""How often it says it all the same. What is durable, and when triggers leave, has nothing to do with it."""


class Durability:
    """Of the partitions of one worker."""

    def __init__(
        self, partitions: Mapping[int, Partition], outlets: Outlets, around: Around, limits: Limits, rhythm: Rhythm,
        telemetry: Telemetry,
    ) -> None:  # fmt: skip
        """partitions: those that are the worker's at any time, by number."""
        self.writer = Writer(outlets, telemetry, limits.message_bytes_max)
        self.writing = asyncio.Lock()
        """Held while something is sent: until it is through, what it was made of must be as it was."""
        self.urgent = asyncio.Event()
        """A trigger waits to be sent."""
        self.progress = 0
        """Grows when chunks become durable."""
        self._partitions = partitions
        self._changelog = outlets.changelog
        self._behind, self._clock = around.behind, around.clock
        self._live_max, self._lease_s = limits.live_max, rhythm.lease_s
        self._telemetry = telemetry
        self._done: list[Callable[[], None]] = []
        self._waiting: list[float] = []
        self._published: dict[int, float] = {}  # when health was last published, by partition
        self._awake = time.monotonic()

    def owe(self, done: Callable[[], None]) -> None:
        """A chunk was applied: call this when all of it is durable."""
        self._done.append(done)

    def hasten(self, arrivals: Sequence[float]) -> None:
        """A trigger came of what arrived at these instants."""
        self._waiting += arrivals
        self.urgent.set()

    def is_due(self, partition: Partition) -> bool:
        """Whether no more may be applied before a checkpoint."""
        return partition.changed >= self._live_max or len(self._done) >= CHUNKS_MAX

    def wake(self) -> None:
        """Say that the event loop has its turns, and nobody can take us for dead."""
        now = time.monotonic()
        if now - self._awake < self._lease_s:
            self._awake = now

    def drop(self) -> None:
        """The partitions are not ours any more, and what is owed for them is nothing."""
        self._done.clear()
        self._published.clear()

    async def checkpoint(self, *, urgent: bool = False, publish: bool = False) -> None:
        """Send all that changed and tell whose chunks are durable; with `urgent`, only what triggers need, which is no
        chunk's end. publish: health too where we are catching up.
        """
        async with self.writing:
            started = time.perf_counter()
            await self._confirm(list(self._partitions.items()))
            if urgent:
                await self._hurry()
            else:
                await self.write_all(publish=publish)
            self._telemetry.checkpoint_seconds.labels(str(urgent).lower()).observe(time.perf_counter() - started)

    async def _hurry(self) -> None:
        """Send the triggers that wait, and before them the records that they stand for. Health follows with the next
        checkpoint: it would be one more answer to wait for.
        """
        self.urgent.clear()
        waiting, self._waiting = self._waiting, []
        hurried = [(n, p, p.checkpoint(urgent=True, publish=False)) for n, p in self._partitions.items() if p.urgent]
        await self.writer.write(hurried)
        now = self._clock()
        for arrived in waiting:
            self._telemetry.trigger_seconds.observe(max(0.0, now - arrived))

    async def write_all(self, *, publish: bool) -> None:
        """Send all that changed, for who holds `writing`: a part at a time, so that a trigger need not wait for all of
        it. Who catches up has late ones anyway, and who leaves is in a hurry: they write all at once.
        """
        done, self._done = self._done, []
        owned = [(n, p, self._publishes(n, p, now=publish)) for n, p in self._partitions.items()]
        together = publish or not all(publishes for _, _, publishes in owned)
        share = None if together else PART_ACCOUNTS // max(1, len(owned)) + 1
        left = [(n, p, publishes, iter(p.pending(publish=publishes))) for n, p, publishes in owned]
        more = True
        while more:
            if self.urgent.is_set():
                await self._hurry()
            part = [(n, p, publishes, list(islice(ids, share))) for n, p, publishes, ids in left]
            await self.writer.write([(n, p, p.checkpoint(ids, publish=publishes)) for n, p, publishes, ids in part])
            more = any(ids for _, _, _, ids in part)
        self._telemetry.accounts.set(sum(len(partition) for partition in self._partitions.values()))
        for finish in done:
            finish()
        self.progress += bool(done)

    def _publishes(self, number: int, partition: Partition, *, now: bool) -> bool:
        """Whether a checkpoint says what its accounts' health is: always, unless the partition is catching up."""
        at = time.monotonic()
        if not now and (
            self._behind(number)
            and self._clock() - partition.arrived > LATE_S
            and at - self._published.setdefault(number, at) < PUBLISH_LATE_S
            and partition.unpublished < self._live_max // 2
        ):
            return False
        self._published[number] = at
        return True

    async def _confirm(self, owned: Iterable[tuple[int, Partition]]) -> None:
        """After a pause that the group may have taken for our end, ask before anything is sent. Our claim is what
        counts in any case; this spares others from what we would send in vain.
        """
        now = time.monotonic()
        paused_s, self._awake = now - self._awake, now
        if paused_s > self._lease_s:
            for number, partition in owned:
                partition.rewrite(await self._changelog.confirm(number))
