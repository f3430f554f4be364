"""Taking partitions over: they are claimed, read back, and held against the topics that they were made of."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from streams.kafka import identity
from streams.kafka.changelog import Changelog
from streams.kafka.record import MADE_OF, Records
from streams.kafka.restoration import Restoration
from streams.kafka.telemetry import Telemetry

PROGRESS_S = 3.0
"""Between two log lines of how far a restoration is."""

logger = logging.getLogger(__name__)


class Claimed(NamedTuple):
    """A partition that is ours."""

    epoch: int
    records: Records
    displaced: set[str]
    """See Restoration."""


class Takeover:
    """Of one worker, and its progress."""

    def __init__(
        self, changelog: Changelog, ids: Callable[[], Awaitable[identity.Ids]], telemetry: Telemetry,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """ids: of the input topics; clock: runs only forward."""
        self.steps = 0
        """Grows with whatever is read."""
        self._changelog = changelog
        self._ids = ids
        self._telemetry = telemetry
        self._clock = clock
        self._said = 0.0

    async def __call__(self, partitions: Sequence[int]) -> dict[int, Claimed]:
        """Claim these, and read them back. RemadeTopicError when they were made of other topics than those of now;
        ClaimedByOtherError when somebody has claimed one after us.
        """
        if not partitions:
            return {}
        claims = await asyncio.gather(*(self._changelog.claim(number) for number in partitions))
        epochs = dict(zip(partitions, claims, strict=True))
        self._said = self._clock()
        restored, ids = await asyncio.gather(self._changelog.restore(epochs, self._on_restoring), self._ids())
        for number, restoration in restored.items():
            await self._hold(number, restoration, ids)
        return {number: Claimed(epochs[number], one.records, one.displaced) for number, one in restored.items()}

    async def _hold(self, number: int, restoration: Restoration, ids: identity.Ids) -> None:
        """Hold what was read back against the topics of now; if it says nothing of topics, it does from now on."""
        before = identity.decode(restoration.made_of)
        identity.refuse_others(before, ids)
        if before.keys() < ids.keys():
            foreign = await self._changelog.write(number, [(MADE_OF, identity.encode({**before, **ids}))])
            restoration.displaced |= foreign

    async def disown(self, topic: str, number: int) -> None:
        """Have the changelog of a partition that is ours say that its records were made of what a topic has lost, and
        raise RemadeTopicError, as for whoever takes the partition over from now on.
        """
        ids = await self._ids()
        others = {**ids, topic: identity.LOST}
        await self._changelog.write(number, [(MADE_OF, identity.encode(others))])
        identity.refuse_others(others, ids)

    def _on_restoring(self, read: int, left: int) -> None:
        self.steps += 1
        self._telemetry.restoring.set(left)
        now = self._clock()
        if now - self._said >= PROGRESS_S:
            self._said = now
            logger.info("restoring: %d messages read, %d left", read, left)
