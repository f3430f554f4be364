"""Carrying a partition over to rebuilt records: reads them and the messages between, and writes what comes of it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from streams.kafka import administration
from streams.kafka.changelog import Changelog
from streams.kafka.checkpoint import Message
from streams.kafka.edition import Edition
from streams.kafka.fold import Fold
from streams.kafka.history import History
from streams.kafka.home import home
from streams.kafka.identity import input_ids
from streams.kafka.namespace import MANIFEST, refuse_remade
from streams.kafka.namespace import decode as decode_manifest
from streams.kafka.publication import Rebuilt, RefusedError
from streams.kafka.record import Records, decode, epoch_of, survey
from streams.kafka.sender import Sender
from streams.kafka.settings import Settings
from streams.kafka.switch import Switch
from streams.kafka.topics import INPUTS, namespace

PART_ACCOUNTS = 2_000
"""Written together: some megabytes."""

SLICE_ACCOUNTS = 32
"""Made before others get their turn: a few milliseconds' work."""

logger = logging.getLogger(__name__)


class LostMessagesError(RuntimeError):
    """The rebuilt records, or messages that they lack, are no longer in their topics."""


class Taken(NamedTuple):
    """A partition that is to be carried over, as whoever owns it gives it."""

    number: int
    epoch: int
    records: Records
    """By account, as the changelog has them."""

    write: Callable[[Sequence[Message]], Awaitable[None]]
    """Writes records to the changelog, and keeps them in `records`; none, to show that there is progress."""


class Switching:
    """Of one worker."""

    def __init__(self, settings: Settings, sender: Sender) -> None:
        self._settings = settings
        self._sender = sender

    async def __call__(self, taken: Taken, edition: Edition) -> None:
        """Have all records of a partition made from the edition's namespace, in memory and in the changelog, those that
        are so already as they are. Nothing else may be done to the partition meanwhile.
        """
        rebuilt = edition.rebuilt
        if rebuilt is None or survey(taken.records.values()).made == {edition.mark}:
            return
        if not await asyncio.to_thread(self._there, rebuilt):
            if not taken.records:  # nobody's, or through, and all its accounts were deleted
                return
            raise LostMessagesError(
                f"namespace {rebuilt.namespace} is gone, and partition {taken.number} is not through"
            )
        started = time.perf_counter()
        logger.info("partition %d: going on from namespace %s", taken.number, rebuilt.namespace)
        packed = await self._rebuilt(taken, rebuilt)
        if packed is None:
            return
        switch = await self._prepared(taken, edition, rebuilt, packed)
        made = switch.first(taken.epoch)
        for one in switch.records(taken.epoch):
            made.append(one)
            if len(made) % SLICE_ACCOUNTS == 0:
                await asyncio.sleep(0)
            if len(made) == PART_ACCOUNTS:
                await taken.write(made)
                made = []
        await taken.write(made)
        logger.info(
            "partition %d: %d accounts go on from namespace %s, after %.1f s", taken.number, len(taken.records),
            rebuilt.namespace, time.perf_counter() - started,
        )  # fmt: skip

    async def _prepared(self, taken: Taken, edition: Edition, rebuilt: Rebuilt, packed: dict[str, bytes]) -> Switch:
        """The switch to these rebuilt accounts, with all messages between."""
        settings, number = self._settings, taken.number
        fold = Fold(
            edition.engine, edition.vocabulary, lambda account_id: home(account_id, settings.partitions) == number,
            packed=packed, live_max=settings.accounts_in_memory_max,
        )  # fmt: skip
        topics = {stream: settings.prefix + topic for stream, topic in INPUTS.items()}
        async with History(settings.connection(), topics, settings.group) as history:
            begins = await history.begins(number)
            for end, begin, topic in zip(rebuilt.ends[number], begins, topics.values(), strict=True):
                if end < begin:
                    raise LostMessagesError(
                        f"{topic}-{number} begins at {begin}, and namespace {rebuilt.namespace} ends at {end}: it was"
                        " rebuilt too long ago; rebuild again, under another name"
                    )
            committed = await history.committed(number)
            switch = Switch(edition, taken.records, fold, rebuilt.ends[number], committed)
            async for chunk in history.chunks(number, switch.ranges):
                for _ in switch.take(chunk):
                    await asyncio.sleep(0)
                await taken.write([])
        return switch

    def _there(self, rebuilt: Rebuilt) -> bool:
        """Whether there is the namespace's topic."""
        topic = namespace(self._settings, rebuilt.namespace)
        return all(mismatch.found is not None for mismatch in administration.check(self._settings, [topic]))

    async def _rebuilt(self, taken: Taken, rebuilt: Rebuilt) -> dict[str, bytes] | None:
        """The rebuilt accounts of a partition, packed; None when it has nobody, and was rebuilt from topics that are no
        more.
        """
        settings, number = self._settings, taken.number
        topic = namespace(settings, rebuilt.namespace).name
        changelog = Changelog(topic, self._sender, settings.connection(), "")
        seal = rebuilt.seals[number]
        if await changelog.end(number) < seal:
            raise LostMessagesError(f"{topic}-{number} is not what it was when the switch was published")
        records = (await changelog.restore({number: seal}))[number].records
        manifest = records.pop(MANIFEST, None)
        if manifest is None:
            raise LostMessagesError(f"{topic}-{number} is not what it was when the switch was published")
        try:
            refuse_remade(rebuilt.namespace, decode_manifest(manifest), await asyncio.to_thread(input_ids, settings))
        except RefusedError as error:
            if not (taken.records or records):
                return None
            raise LostMessagesError(f"partition {number} is not through: {error}") from None
        epoch = epoch_of(manifest)
        return {  # what somebody began to build before is no part of it
            account_id: decode(value).packed for account_id, value in records.items() if epoch_of(value) == epoch
        }
