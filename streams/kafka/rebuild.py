"""Rebuilding records from the input topics into a namespace, beside the workers; and holding them against theirs.

Partition by partition: all messages are folded in, the records are written, then the manifest. Nothing is published,
and no play moves. A rebuild that is killed leaves nothing that counts; the next one into the same namespace begins
anew, and whoever began before it is told so when it writes.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from plays.engine import Engine
from scoring.parts import parts
from streams.configuration import Configuration, Texts
from streams.kafka import namespace, topics
from streams.kafka.changelog import Changelog
from streams.kafka.comparison import Comparison, differences
from streams.kafka.edition import Edition, edition
from streams.kafka.fold import Fold
from streams.kafka.health import Health, published
from streams.kafka.history import History
from streams.kafka.home import home
from streams.kafka.identity import Ids, input_ids
from streams.kafka.namespace import Manifest
from streams.kafka.publication import Rebuilt, RefusedError, publication
from streams.kafka.record import Record, decode, encode
from streams.kafka.sender import Sender
from streams.kafka.settings import Settings
from streams.kafka.switch import Switch

PART_ACCOUNTS = 2_000
"""Written together: some megabytes."""

NEVER = float("inf")

PATIENCE_S = 15.0
"""Given to workers, all partitions together, to apply and commit what was there when the rebuild began."""

LOOK_S = 0.25

Told = Callable[[int, int], None]
"""Hears of how many messages were folded in, and of how many there are."""


class Plan(NamedTuple):
    """What is to be rebuilt."""

    name: str
    """Of the namespace."""

    texts: Texts
    configuration: Configuration
    """The same, read."""

    since: float | None
    """Only what arrived at this instant (unix seconds) or later; None for all that there is."""


class Result(NamedTuple):
    """What came of it."""

    messages: int
    refused: int
    accounts: int
    comparison: Comparison


class Rebuild:
    """One run. `run` raises RefusedError when the namespace is in use, ClaimedByOtherError when somebody has begun to
    rebuild there since.
    """

    def __init__(self, settings: Settings, plan: Plan, worker: str, told: Told = lambda done, total: None) -> None:
        """worker: a name for this process, for whoever reads the topic by hand."""
        self._settings = settings
        self._plan = plan
        self._told = told
        self._edition = edition(plan.configuration)
        connection, prefix = settings.connection(), settings.prefix
        self._sender = Sender(connection, message_bytes_max=settings.message_bytes_max)
        topic = topics.namespace(settings, plan.name).name
        self._changelog = Changelog(topic, self._sender, connection, worker)
        self._live = Changelog(prefix + topics.RECORDS, self._sender, connection, worker)
        inputs = {stream: prefix + topic for stream, topic in topics.INPUTS.items()}
        self._history = History(connection, inputs, settings.group)
        self._comparison = Comparison()
        self._patience_s = PATIENCE_S
        self._published: Mapping[str, Health] | None = None
        self._made_of: Ids = {}
        self._messages = self._refused = self._accounts = 0

    async def run(self) -> Result:
        """Rebuild all partitions, and compare each."""
        await self._sender.start()
        try:
            async with self._history:
                partitions = range(self._settings.partitions)
                epochs = [await self._changelog.claim(number) for number in partitions]
                there = await asyncio.to_thread(namespace.contents, self._settings, self._plan.name)
                if any(one.sealed for one in there):
                    raise RefusedError(
                        f"workers were told to go on from namespace {self._plan.name!r}: rebuild under another name"
                    )
                self._made_of = await asyncio.to_thread(input_ids, self._settings)  # before the topics are read
                spans = [await self._span(number) for number in partitions]
                total = sum(len(one) for span in spans for one in span)
                for number, (epoch, span) in enumerate(zip(epochs, spans, strict=True)):
                    fold = await self._folded(number, span, total)
                    await self._write(number, epoch, span, fold)
                    await self._compare(number, [tuple(one.stop for one in span) for span in spans], fold)
        finally:
            await self._sender.stop()
        return Result(self._messages, self._refused, self._accounts, self._comparison)

    async def _span(self, number: int) -> list[range]:
        """By stream, the offsets to read of a partition."""
        since, ends = self._plan.since, await self._history.ends(number)
        starts = await (self._history.begins(number) if since is None else self._history.since(number, since))
        return [range(start, max(start, end)) for start, end in zip(starts, ends, strict=True)]

    async def _folded(self, number: int, span: list[range], total: int) -> Fold:
        partitions, (engine, vocabulary, _, _) = self._settings.partitions, self._edition
        fold = Fold(
            engine, vocabulary, lambda account_id: home(account_id, partitions) == number,
            live_max=self._settings.accounts_in_memory_max,
        )  # fmt: skip
        async for chunk in self._history.chunks(number, span):
            for _ in fold.take(chunk):
                self._told(self._messages + fold.messages, total)
                await asyncio.sleep(0)
        self._messages += fold.messages
        self._refused += fold.refused
        self._accounts += len(fold)
        return fold

    async def _write(self, number: int, epoch: int, span: list[range], fold: Fold) -> None:
        """Write the records, and when the broker has all of them, the manifest."""
        signature = self._edition.engine.profile.layout.signature
        applied = tuple(one.stop - 1 for one in span)
        made: list[tuple[bytes, bytes]] = []
        for account_id, packed in fold.items():
            record = Record(signature, applied, parts(packed).last_arrival, NEVER, (), packed)
            made.append((account_id.encode(), encode(record, epoch)))
            if len(made) == PART_ACCOUNTS:
                await self._changelog.write(number, made)
                made = []
        if made:
            await self._changelog.write(number, made)
        manifest = Manifest(
            publication(self._plan.texts), signature, tuple(one.start for one in span),
            tuple(one.stop for one in span), len(fold), self._plan.since, self._made_of,
        )  # fmt: skip
        await self._changelog.write(number, [namespace.encode(manifest, epoch)])

    async def _compare(self, number: int, ends: list[tuple[int, ...]], fold: Fold) -> None:
        """Hold what a switch now would make of the live records against them."""
        engine, vocabulary, stamp, _ = self._edition
        rehearsed = Edition(engine, vocabulary, stamp, Rebuilt(self._plan.name, (), tuple(ends)))
        committed = await self._committed(number, ends[number])  # before the records are read: they hold all before it
        restored = await self._live.restore({number: await self._live.end(number)})
        live = restored[number].records
        switch = Switch(rehearsed, live, fold, ends[number], committed)
        async for chunk in self._history.chunks(number, switch.ranges):
            for _ in switch.take(chunk):
                await asyncio.sleep(0)
        found = self._comparison
        for account_id, value in switch.records(0):
            record = live.get(account_id)
            if account_id in switch.ahead:
                found.behind += 1
            elif record is None:
                found.only_rebuilt += 1
            elif fold.packed(account_id) is None:
                found.missing += 1
            else:
                found.note(account_id, await self._differences(engine, account_id, decode(record), decode(value)))

    async def _committed(self, number: int, ends: Sequence[int]) -> list[int]:
        """What the workers have committed of a partition, after some time to come as far as what was rebuilt."""
        while True:
            found = await self._history.committed(number)
            reached = all(committed >= end for committed, end in zip(found, ends, strict=True))
            if reached or self._patience_s <= 0.0:
                return found
            self._patience_s -= LOOK_S
            await asyncio.sleep(LOOK_S)

    async def _differences(self, engine: Engine, account_id: str, live: Record, rebuilt: Record) -> dict[str, object]:
        if live.signature != rebuilt.signature and self._published is None:
            self._published = await asyncio.to_thread(published, self._settings)
        health = None if self._published is None else self._published.get(account_id)
        return differences(engine, live, rebuilt, health)
