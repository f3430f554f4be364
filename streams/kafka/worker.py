"""A worker: owns some partitions, applies chunks and time to them, and makes durable what comes of it.

It knows nothing of consumer groups. Whoever does tells it which partitions are its own, hands it chunks, and hears of
each when all of it is durable.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from streams.kafka.changelog import ClaimedByOtherError
from streams.kafka.checkpoint import Message
from streams.kafka.chunk import Chunk
from streams.kafka.edition import Edition
from streams.kafka.holding import Limits
from streams.kafka.partition import Partition
from streams.kafka.record import survey
from streams.kafka.switching import Taken
from streams.kafka.telemetry import Telemetry
from streams.kafka.writer import Outlets, Writer

logger = logging.getLogger(__name__)

GC_YOUNG = 1_000_000
"""Objects made and not gone again before the collector looks: more than what is fetched ahead and decoded holds, all of
which goes by itself.
"""

CHUNKS_MAX = 64
"""Chunks applied and not durable. More are not taken before a checkpoint is through."""

PART_ACCOUNTS = 64
"""Written together: some milliseconds' work, after which a trigger may leave that came up meanwhile."""

LATE_S = 10.0
"""A partition that applies what arrived longer ago than this is catching up: what it could say of an account's health
is past, and will soon be something else."""

PUBLISH_LATE_S = 30.0
"""How often it says it all the same. What is durable, and when triggers leave, has nothing to do with it."""

TICK_ACCOUNTS = 64
"""Due accounts of a partition that are advanced before others get their turn on the event loop."""

TICK_S_MAX = 0.25
"""Spent on who is due before what changed is written: after a new edition everybody is."""

T = TypeVar("T")


class TooManyDeadLettersError(RuntimeError):
    """So much of a chunk was refused that going on would only fill the dead letters: something is wrong upstream."""


class Rhythm(NamedTuple):
    """How often, in seconds, and how much."""

    checkpoint_s: float = 1.0
    tick_s: float = 1.0
    lease_s: float = 5.0
    """After a pause so long, somebody else may have our partitions."""

    dead_share_max: float = 0.5
    dead_min: int = 100
    """So many dead letters of a chunk are never too many."""


async def _known(position: int) -> None:
    """No editions but the one that the worker began with."""


async def _refused(taken: Taken, edition: Edition) -> None:
    """No editions that name rebuilt records."""
    if edition.rebuilt is not None:
        raise NotImplementedError(f"nothing is there to go on from namespace {edition.rebuilt.namespace}")


class Around(NamedTuple):
    """What a worker asks of the world."""

    home: Callable[[str], int]
    """The partition that an account belongs to."""

    behind: Callable[[int], bool] = lambda partition: False
    """Whether messages of a partition wait that arrived before now."""

    clock: Callable[[], float] = time.time

    heard: Callable[[int], Awaitable[None]] = _known
    """Returns when this worker has judged all editions up to a position."""

    switch: Callable[[Taken, Edition], Awaitable[None]] = _refused
    """Has the records of a partition made from those that an edition names; see Switching."""


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
        self._changelog = outlets.changelog
        self._writer = Writer(outlets, self.telemetry, limits.message_bytes_max)
        self._home, self._behind, self._clock, self._heard, self._switch = around
        self._limits = limits
        self._rhythm = rhythm
        self._partitions: dict[int, Partition] = {}
        self._dark = False
        self.progress = 0
        """Grows with whatever is done."""
        self._tenure = 0  # counts assignments: what one of them began is for nothing in the next
        self._restored = asyncio.Event()
        self._done: list[Callable[[], None]] = []
        self._waiting: list[float] = []
        self._published: dict[int, float] = {}  # when health was last published, by partition
        self._applying = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._urgent = asyncio.Event()
        self._next = 0.0
        self._awake = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether all partitions that are ours are restored."""
        return self._restored.is_set()

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
        epochs = dict(zip(wanted, await _together(self._changelog.claim(number) for number in wanted), strict=True))
        restored = await self._changelog.restore(epochs, self._on_restoring) if wanted else {}
        if tenure != self._tenure:
            return
        # whoever had the partition may have gone on to an edition that we have yet to hear of: none goes back
        newest = [survey(restoration.records.values()).newest for restoration in restored.values()]
        await self._heard(max(newest, default=-1))
        async with self._applying:
            for number, restoration in restored.items():
                partition = await self._opened(tenure, number, epochs[number], restoration.records)
                if partition is None:
                    return
                partition.rewrite(restoration.displaced)
                self.telemetry.displaced.inc(len(restoration.displaced))
                self._partitions[number] = partition
            if tenure != self._tenure:
                return
        self.telemetry.restoring.set(0)
        self.telemetry.partitions.set(len(self._partitions))
        accounts = sum(len(partition) for partition in self._partitions.values())
        self.telemetry.accounts.set(accounts)
        self.telemetry.ready.set(1)
        _settle_memory()
        self._restored.set()
        if any(partition.urgent for partition in self._partitions.values()):
            self._urgent.set()
        logger.info(
            "%d partitions with %d accounts restored in %.1f s", len(wanted), accounts, time.perf_counter() - started
        )

    async def restored(self) -> None:
        """Wait until all partitions that are ours are restored."""
        await self._restored.wait()

    async def _opened(self, tenure: int, number: int, epoch: int, records: dict[str, bytes]) -> Partition | None:
        """A partition under our edition, its records made from what that names; None when it was taken from us."""
        edition, foreign = self._edition, set[str]()

        async def write(made: Sequence[Message]) -> None:
            self.progress += 1
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
            edition, epoch=epoch, records=records, home=self._home_of(number), limits=self._limits
        )  # fmt: skip
        partition.rewrite(foreign)
        partition.darken(self._dark, self._clock())
        return partition

    def _home_of(self, number: int) -> Callable[[str], bool]:
        return lambda account_id: self._home(account_id) == number

    def _on_restoring(self, read: int, left: int) -> None:
        self.progress += 1
        self.telemetry.restoring.set(left)
        logger.debug("restoring: %d messages read, %d left", read, left)

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
        self._done.clear()
        self._published.clear()
        self.telemetry.owns_nothing()

    # --- what happens -------------------------------------------------------------------------------------------------

    async def adopt(self, edition: Edition) -> None:
        """Go on under another edition: in every partition from one point on, between two chunks and two checkpoints.
        All accounts are looked at anew, by and by.
        """
        async with self._applying:
            await self.checkpoint()
            async with self._writing:  # what a checkpoint has sent must be as it was until it is through
                before, self._edition = self._edition, edition
                self.telemetry.uses(edition)
                if edition.mark == before.mark:
                    for partition in self._partitions.values():
                        partition.adopt(edition)
                    return
            tenure, left = self._tenure, list(self._partitions)
            while left:
                self.telemetry.switching.set(len(left))
                await self._carry_over(tenure, left.pop())
            self.telemetry.switching.set(0)

    async def _carry_over(self, tenure: int, number: int) -> None:
        """Have a partition go on from rebuilt records. It is nobody's meanwhile; the others go on."""
        async with self._writing:
            await self._write_all(publish=False)  # what was applied is durable: its chunks may be committed
            if tenure != self._tenure:
                return
            before = self._partitions.pop(number)
        after = await self._opened(tenure, number, before.epoch, before.records())
        if after is not None:
            after.dead, after.refused, after.arrived = before.dead, before.refused, before.arrived
            self._partitions[number] = after
            if after.urgent:
                self._urgent.set()

    async def take(self, chunk: Chunk, done: Callable[[], None]) -> None:
        """Apply a chunk. `done` is called when all of it is durable; never if the partition is taken from us before."""
        await self.restored()
        async with self._applying:
            partition = self._partitions.get(chunk.partition)
            if partition is None:
                return
            refused = partition.refused
            for _ in partition.take(chunk) if chunk.offsets else ():
                await asyncio.sleep(0)
                if self._partitions.get(chunk.partition) is not partition:
                    return
        self._judge(chunk, partition, partition.refused - refused)
        self.telemetry.messages.labels(chunk.stream).inc(len(chunk.offsets))
        self._done.append(done)
        if partition.urgent:
            self._waiting += chunk.arrivals[-1:]
            self._urgent.set()
        if partition.changed >= self._limits.live_max or len(self._done) >= CHUNKS_MAX:
            await self.checkpoint()  # whoever hands us chunks waits: the broker takes less than it gives

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

    async def tick(self) -> bool:
        """Advance who is due, in all partitions that are not behind; nobody while the sources are dark. Whether time
        was short, and there are more.
        """
        if self._dark:
            return False
        now, until = self._clock(), time.monotonic() + TICK_S_MAX
        waiting = dict(self._partitions)
        while waiting and time.monotonic() < until:
            for number, partition in list(waiting.items()):  # in turns, so that none waits for all of another
                if (
                    self._partitions.get(number) is not partition
                    or self._behind(number)
                    or partition.tick(now, TICK_ACCOUNTS) < TICK_ACCOUNTS
                ):
                    del waiting[number]
                if partition.urgent:
                    self._urgent.set()
                await asyncio.sleep(0)
        self.telemetry.outdated.set(sum(partition.outdated for partition in self._partitions.values()))
        return bool(waiting)

    async def run(self) -> None:
        """Tick and write checkpoints until cancelled."""
        next_tick = self._next = time.monotonic()
        while True:
            now = time.monotonic()
            if now - self._awake < self._rhythm.lease_s:
                self._awake = now
            if self._urgent.is_set():
                await self.checkpoint(urgent=True)
            if now >= next_tick:
                more = await self.tick()
                next_tick = now if more else now + self._rhythm.tick_s
            if now >= self._next:
                self._next = now + self._rhythm.checkpoint_s
                await self.checkpoint()
            try:
                wait = min(next_tick, self._next) - time.monotonic()
                await asyncio.wait_for(self._urgent.wait(), max(0.0, wait))
            except TimeoutError:
                pass

    # --- durability ---------------------------------------------------------------------------------------------------

    async def checkpoint(self, *, urgent: bool = False, publish: bool = False) -> None:
        """Send all that changed and tell whose chunks are durable; with `urgent`, only what triggers need, which is no
        chunk's end. publish: health too where we are catching up.
        """
        async with self._writing:
            started = time.perf_counter()
            await self._confirm(list(self._partitions.items()))
            if urgent:
                await self._hurry()
            else:
                await self._write_all(publish)
            self.telemetry.checkpoint_seconds.labels(str(urgent).lower()).observe(time.perf_counter() - started)

    async def _hurry(self) -> None:
        """Send the triggers that wait, and before them the records that they stand for. Health follows with the next
        checkpoint: it would be one more answer to wait for.
        """
        self._urgent.clear()
        waiting, self._waiting = self._waiting, []
        hurried = [(n, p, p.checkpoint(urgent=True, publish=False)) for n, p in self._partitions.items() if p.urgent]
        await self._writer.write(hurried)
        now = self._clock()
        for arrived in waiting:
            self.telemetry.trigger_seconds.observe(max(0.0, now - arrived))

    async def _write_all(self, publish: bool) -> None:
        """A part at a time, so that a trigger need not wait for all of it. Who catches up has late ones anyway, and who
        leaves is in a hurry: they write all at once.
        """
        done, self._done = self._done, []
        owned = [(n, p, self._publishes(n, p, now=publish)) for n, p in self._partitions.items()]
        together = publish or not all(publishes for _, _, publishes in owned)
        share = None if together else PART_ACCOUNTS // max(1, len(owned)) + 1
        left = [(n, p, publishes, iter(p.pending(publish=publishes))) for n, p, publishes in owned]
        more = True
        while more:
            if self._urgent.is_set():
                await self._hurry()
            part = [(n, p, publishes, list(islice(ids, share))) for n, p, publishes, ids in left]
            await self._writer.write([(n, p, p.checkpoint(ids, publish=publishes)) for n, p, publishes, ids in part])
            more = any(ids for _, _, _, ids in part)
        self.telemetry.accounts.set(sum(len(partition) for partition in self._partitions.values()))
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
            and partition.unpublished < self._limits.live_max // 2
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
        if paused_s > self._rhythm.lease_s:
            for number, partition in owned:
                partition.rewrite(await self._changelog.confirm(number))


def _settle_memory() -> None:
    """Records live long, and every full look of the cycle collector would go through all of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_YOUNG, 50, 100)


async def _together(waiting: Iterable[Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*waiting))
