"""Workers without one of their protections, and what must be found of each: a suite that can't fail shows nothing.

Each takes away one protection by changing the product in the worker's process, and is played with a scenario in which
just that protection is needed. `nothing` takes none away: it shows that what the others do beside that harms nobody.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from streams.kafka.changelog import Changelog
from streams.kafka.checkpoint import Message
from streams.kafka.chunk import Chunk
from streams.kafka.ledger import Ledger
from streams.kafka.partition import Partition
from streams.kafka.record import NEVER_APPLIED
from streams.kafka.writer import Writer
from streams.vocabulary import STREAMS
from tests.chaos.kafka.cluster import LAUNCHED
from tests.chaos.kafka.crashes import crashes
from tests.chaos.kafka.stage import Scenario
from tests.chaos.kafka.traffic import Habits

SLOW_S = 0.8
"""How long brokers take for records, where that is needed to see whether anybody waits for them."""


class Weakening(NamedTuple):
    """A protection taken away."""

    patch: Callable[[], None]
    """Takes it away, in the worker's process."""

    scenario: Scenario
    finds: str | None
    """Pattern of the differences that must be found, with what is twice or missing; None where there must be none."""

    def missed(self, problems: Sequence[str]) -> bool:
        """Whether the suite found what it must not, or did not find what it must."""
        if self.finds is None:
            return bool(problems)
        return not any(map(re.compile(self.finds).search, problems))


def slow() -> None:
    """Brokers take their time for records, which are waited for."""
    write = Changelog.write

    async def late(self: Changelog, partition: int, messages: Sequence[tuple[bytes, bytes]]) -> set[str]:
        await asyncio.sleep(SLOW_S)
        return await write(self, partition, messages)

    Changelog.write = late  # type: ignore[method-assign]


def without_fence() -> None:
    """What is read again is applied again, whatever the record's offset says."""
    take = Partition.take

    def again(self: Partition, chunk: Chunk) -> Iterator[None]:
        self._fence = [NEVER_APPLIED] * len(STREAMS)
        return take(self, chunk)

    Partition.take = again  # type: ignore[method-assign]


def without_await() -> None:
    """Offsets are committed when records are on their way to brokers that take their time, and not there yet."""
    slow()
    write = Changelog.write
    under_way = set[asyncio.Task[set[str]]]()

    async def begun(self: Changelog, partition: int, messages: Sequence[tuple[bytes, bytes]]) -> set[str]:
        under_way.add(asyncio.ensure_future(write(self, partition, messages)))
        return set()

    Changelog.write = begun  # type: ignore[method-assign]


def without_stable_ids() -> None:
    """A trigger has another id each time that it is sent."""
    send = Writer._send

    async def renamed(self: Writer, topic: str, number: int, messages: list[Message] | Iterable[Message]) -> None:
        if topic == self._outputs.triggers:
            messages = [(key, json.dumps({**json.loads(value), "id": uuid4().hex}).encode()) for key, value in messages]
        await send(self, topic, number, messages)

    Writer._send = renamed  # type: ignore[method-assign]


def without_chunk_commit() -> None:
    """A commit passes chunks that are not durable; brokers take their time for records."""
    slow()
    hand = Ledger.hand

    def passed(self: Ledger[Any], partition: Any, next_offset: int) -> Callable[[], None]:
        finish = hand(self, partition, next_offset)
        finish()
        return finish

    Ledger.hand = passed  # type: ignore[method-assign]


def command(name: str) -> list[str]:
    """Of workers without a protection."""
    return [*LAUNCHED, "--weaken", name]


def _crashing(times: int, habits: Habits, **settings: str) -> Scenario:
    """One worker that crashes; as a member with a name, it need not wait until the group has given it up."""
    return Scenario(
        crashes, times, times * 5, mortal=True, habits=habits, workers=1, settings={"instance": "one", **settings}
    )


USUAL = Habits(poison=0.0)

WEAKENINGS: Mapping[str, Weakening] = {
    "nothing": Weakening(slow, _crashing(2, USUAL, checkpoint_s="1"), None),
    "fence": Weakening(
        # so few accounts that the ids of what is read again were forgotten meanwhile
        without_fence, _crashing(3, Habits(accounts=1, repeats=0.0, poison=0.0), checkpoint_s="3"),
        r"counted twice"
    ),
    "await": Weakening(without_await, _crashing(2, USUAL, checkpoint_s="1"), "lost"),
    "ids": Weakening(
        # so many accounts that some always grow
        without_stable_ids, _crashing(3, Habits(accounts=3_000, poison=0.0), checkpoint_s="1"), r"triggered \d+ times"
    ),
    "commit": Weakening(without_chunk_commit, _crashing(2, USUAL, checkpoint_s="1"), "lost"),
}  # fmt: skip
"""By the name of what is taken away."""
