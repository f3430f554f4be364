"""A worker: owns some partitions, applies chunks and time to them, and makes durable what comes of it.

It knows nothing of consumer groups. Whoever does tells it which partitions are its own, hands it chunks, and hears of
each when all of it is durable.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from streams.kafka.around import Around, Rhythm
from streams.kafka.changelog import ClaimedByOtherError
from streams.kafka.checkpoint import Message
from streams.kafka.chunk import Chunk
from streams.kafka.durability import Durability
from streams.kafka.edition import Edition
from streams.kafka.holding import Limits
from streams.kafka.memory import settle
from streams.kafka.partition import Partition
from streams.kafka.peers import Peers
from streams.kafka.record import Records, survey
from streams.kafka.switching import Taken
from streams.kafka.takeover import Takeover
from streams.kafka.telemetry import Telemetry
from streams.kafka.writer import Outlets

logger = logging.getLogger(__name__)

TICK_ACCOUNTS = 64
"""Due accounts of a partition that are advanced before others get their turn on the event loop."""

TICK_S_MAX = 0.25
"""Spent on who is due before what changed is written: after a new edition everybody is."""


BETWEEN_S = 0.1
"""To a moment between two chunks of a partition, when a tick found it in the midst of one: where they follow upon one
another, silence is still due within seconds.
"""


class TooManyDeadLettersError(RuntimeError):
    """So much of a chunk was refused that going on would only fill the dead letters: something is wrong upstream."""


class Worker:
    """One per process. `run` does the work that nobody asks for; it raises when something is wrong with us."""

    def __init__(
        self,
        edition: Edition,
        outlets: Outlets,
        around: Around,
        *,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        rhythm: Rhythm = Rhythm(),  # noqa: B008
        telemetry: Telemetry | None = None,
    ) -> None:
        self.telemetry = telemetry or Telemetry()
        self._edition = edition
        self.telemetry.uses(edition)
        self._home, self._behind, self._clock, self._heard, self._switch, ids = around
        self._takeover = Takeover(outlets.changelog, ids, self.telemetry)
        self._limits = limits
        self._rhythm = rhythm
        self._partitions: dict[int, Partition] = {}
        self._durability = Durability(self._partitions, outlets, around, limits, rhythm, self.telemetry)
        self._writer = self._durability.writer
        self._dark = False
        self._steps = 0  # of carrying over
        self._tenure = 0  # counts assignments: what one of them began is for nothing in the next
        self._restored = asyncio.Event()
        self._peers = Peers()
        self._coming: list[int] = []  # partitions of chunks that are being applied, or wait to be
        self._applying = asyncio.Lock()
        self._next = 0.0

    @property
    def ready(self) -> bool:
        """Whether all partitions that are ours are restored."""
        return self._restored.is_set()

    @property
    def progress(self) -> int:
        """Grows with whatever is done."""
        return self._steps + self._takeover.steps + self._durability.progress

    @property
    def partitions(self) -> Collection[int]:
        """Those that are ours and restored."""
        return self._partitions.keys()

    # --- ownership ----------------------------------------------------------------------------------------------------

    async def assign(self, partitions: Iterable[int]) -> None:
        """These and no others are ours: claim them and read them back. Their chunks wait until that is done."""
        wanted = sorted(partitions)
        self._tenure += 1
        tenure = self._tenure
        self._restored.clear()
        self.telemetry.ready.set(0)
        started = time.perf_counter()
        try:
            claimed = await self._takeover(wanted)
        except ClaimedByOtherError:
            if tenure == self._tenure:
                raise
            return
        if tenure != self._tenure:
            return
        # whoever had the partition may have gone on to an edition that we have yet to hear of: none goes back
        newest = [survey(one.records.values()).newest for one in claimed.values()]
        await self._heard(max(newest, default=-1))
        async with self._applying:
            for number, one in claimed.items():
                partition = await self._opened(tenure, number, one.epoch, one.records)
                if partition is None:
                    return
                partition.rewrite(one.displaced)
                self.telemetry.displaced.inc(len(one.displaced))
                self._partitions[number] = partition
            if tenure != self._tenure:
                return
        self.telemetry.restoring.set(0)
        self.telemetry.partitions.set(len(self._partitions))
        accounts = sum(len(partition) for partition in self._partitions.values())
        self.telemetry.accounts.set(accounts)
        self.telemetry.ready.set(1)
        settle()
        self._peers.renew()
        self._restored.set()
        if any(partition.urgent for partition in self._partitions.values()):
            self._durability.urgent.set()
        logger.info(
            "%d partitions with %d accounts restored in %.1f s", len(wanted), accounts, time.perf_counter() - started
        )

    async def restored(self) -> None:
        """Wait until all partitions that are ours are restored."""
        await self._restored.wait()

    async def _opened(self, tenure: int, number: int, epoch: int, records: Records) -> Partition | None:
        """A partition under our edition, its records made from what that names; None when it was taken from us."""
        edition, foreign = self._edition, set[str]()

        async def write(made: Sequence[Message]) -> None:
            self._steps += 1
            if tenure == self._tenure and made:
                foreign.update(await self._writer.record(number, made))
                records.update(made)

        try:
            await self._switch(Taken(number, epoch, records, write), edition)
        except ClaimedByOtherError:
            if tenure == self._tenure:
                raise
        if tenure != self._tenure:
            return None
        partition = Partition(
            edition, epoch=epoch, records=records, limits=self._limits,
            home=lambda account_id: self._home(account_id) == number,
        )  # fmt: skip
        partition.rewrite(foreign)
        partition.darken(self._dark, self._clock())
        return partition

    async def revoke(self) -> None:
        """Make durable what is not, and own nothing any more. What was handed over and is not durable will come
        again.
        """
        self._tenure += 1
        self._restored.clear()
        await self.checkpoint(publish=True)
        await self.checkpoint()  # that what was sent by the first is in no outbox, and the next owner need not send it
        self._tenure += 1  # what began with them while they were given back is for nothing, too
        self._partitions.clear()
        self._durability.drop()
        self.telemetry.owns_nothing()

    async def disown(self, topic: str, number: int) -> None:
        """A topic has lost messages of a partition: nobody goes on with it until that is accepted. RemadeTopicError."""
        async with self._durability.writing:
            await self._takeover.disown(topic, number)

    # --- what happens -------------------------------------------------------------------------------------------------

    async def adopt(self, edition: Edition) -> None:
        """Go on under another edition: in every partition from one point on, between two chunks and two checkpoints.
        All accounts are looked at anew, by and by.
        """
        async with self._applying:
            await self.checkpoint()
            async with self._durability.writing:  # what a checkpoint has sent must be as it was until it is through
                before, self._edition = self._edition, edition
                self._peers.renew()
                self.telemetry.uses(edition)
                if edition.mark == before.mark:
                    for partition in self._partitions.values():
                        partition.adopt(edition)
                    return
            tenure, left = self._tenure, list(self._partitions)
        while left:
            self.telemetry.switching.set(len(left))
            async with self._applying:  # given away in between: what was waiting meanwhile is applied
                await self._carry_over(tenure, left.pop())
        self._peers.renew()
        self.telemetry.switching.set(0)

    async def _carry_over(self, tenure: int, number: int) -> None:
        """Have a partition go on from rebuilt records. It is nobody's meanwhile; time passes for the others."""
        async with self._durability.writing:
            await self._durability.write_all(publish=False)  # what was applied is durable: its chunks may be committed
            if tenure != self._tenure:
                return
            before = self._partitions.pop(number)
        after = await self._opened(tenure, number, before.epoch, before.records())
        if after is not None:
            after.dead, after.refused, after.arrived = before.dead, before.refused, before.arrived
            self._partitions[number] = after
            if after.urgent:
                self._durability.urgent.set()

    async def take(self, chunk: Chunk, done: Callable[[], None]) -> None:
        """Apply a chunk. `done` is called when all of it is durable; never if the partition is taken from us before."""
        self._coming.append(chunk.partition)
        try:
            partition = await self._apply(chunk)
        finally:
            self._coming.remove(chunk.partition)
        if partition is None:
            return
        self.telemetry.messages.labels(chunk.stream).inc(len(chunk.offsets))
        self._durability.owe(done)
        if partition.urgent:
            self._durability.hasten(chunk.arrivals[-1:])
        if self._durability.is_due(partition):
            await self.checkpoint()  # whoever hands us chunks waits: the broker takes less than it gives

    async def _apply(self, chunk: Chunk) -> Partition | None:
        """The partition, to which all of the chunk was applied; None when it was taken from us before."""
        await self.restored()
        async with self._applying:
            partition = self._partitions.get(chunk.partition)
            if partition is None:
                return None
            self._refer(self._clock())
            refused = partition.refused
            for _ in partition.take(chunk) if chunk.offsets else ():
                await asyncio.sleep(0)
                if self._partitions.get(chunk.partition) is not partition:
                    return None
        self._judge(chunk, partition, partition.refused - refused)
        return partition

    def _judge(self, chunk: Chunk, partition: Partition, refused: int) -> None:
        if refused > max(self._rhythm.dead_min, self._rhythm.dead_share_max * len(chunk.offsets)):
            last = partition.dead[-1] if partition.dead else None
            raise TooManyDeadLettersError(
                f"{refused} of {len(chunk.offsets)} messages of {chunk.origin} were refused"
                + (f", the last as {last.reason} ({last.message})" if last else "")
                + f"; at most {self._rhythm.dead_share_max:.0%} of a chunk may be"
            )

    def darken(self, dark: bool) -> None:
        """Say whether the sources are dark. While they are, nobody is advanced by time; what was missed is made up."""
        self._dark = dark
        self.telemetry.held.set(dark)
        for partition in self._partitions.values():
            partition.darken(dark, self._clock())

    async def tick(self) -> float:
        """Advance who is due, in all partitions that are not behind, nor in the midst of a chunk: who seems silent may
        be in it. Nobody while the sources are dark. Seconds until the next one is due: there may have been more.
        """
        now, until = self._clock(), time.monotonic() + TICK_S_MAX
        self._refer(now)
        if self._dark:
            return self._rhythm.tick_s
        waiting, again_s = dict(self._partitions), self._rhythm.tick_s
        while waiting and time.monotonic() < until:
            for number, partition in list(waiting.items()):  # in turns, so that none waits for all of another
                if number in self._coming:
                    again_s = min(again_s, BETWEEN_S)
                    del waiting[number]
                elif (
                    self._partitions.get(number) is not partition
                    or self._behind(number)
                    or partition.tick(now, TICK_ACCOUNTS) < TICK_ACCOUNTS
                ):
                    del waiting[number]
                if partition.urgent:
                    self._durability.urgent.set()
                await asyncio.sleep(0)
        self.telemetry.outdated.set(sum(partition.outdated for partition in self._partitions.values()))
        return 0.0 if waiting else again_s

    def _refer(self, now: float) -> None:
        """Have peers drawn where it is time: of the partitions under our edition, since those that have yet to be
        carried over may hold other things of an account.
        """
        ours = [partition for partition in self._partitions.values() if partition.stamp == self._edition.stamp]
        self._peers.refer(self._edition.engine, ours, now)

    async def run(self) -> None:
        """Tick and write checkpoints until cancelled."""
        next_tick = self._next = time.monotonic()
        while True:
            now = time.monotonic()
            self._durability.wake()
            if self._durability.urgent.is_set():
                await self.checkpoint(urgent=True)
            if now >= next_tick:
                next_tick = now + await self.tick()
            if now >= self._next:
                self._next = now + self._rhythm.checkpoint_s
                await self.checkpoint()
            try:
                wait = min(next_tick, self._next) - time.monotonic()
                await asyncio.wait_for(self._durability.urgent.wait(), max(0.0, wait))
            except TimeoutError:
                pass

    async def checkpoint(self, *, urgent: bool = False, publish: bool = False) -> None:
        """Make durable what was applied; see Durability."""
        await self._durability.checkpoint(urgent=urgent, publish=publish)
