"""Reading the input topics again, without a broker: in which order, however it is fetched."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.kafka.history import WINDOW, History

LATE_MS = 30

Read = list[tuple[str, int, float]]
"""Stream, offset, arrival."""


class Fetched:
    """Gives messages as the client does: so many at a time as it likes, of one place; offsets may have gaps."""

    def __init__(self, messages: Mapping[TopicPartition, Sequence[Any]], seed: int) -> None:
        self._messages = messages
        self._positions: dict[TopicPartition, int] = {}
        self._dice = Random(seed)

    def assign(self, places: Sequence[TopicPartition]) -> None:
        self._positions = dict.fromkeys(places, 0)

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._positions[place] = offset

    async def getmany(self, place: TopicPartition, **_: Any) -> dict[TopicPartition, list[Any]]:
        there = [message for message in self._messages[place] if message.offset >= self._positions[place]]
        given_now = there[: self._dice.choice([0, 1, 5, 400])]
        if given_now:
            self._positions[place] = given_now[-1].offset + 1
        return {place: given_now} if given_now else {}

    async def position(self, place: TopicPartition) -> int:
        return self._positions[place]


def topics(dice: Random) -> dict[TopicPartition, list[Any]]:
    found = {}
    for stream in ("busy", "calm"):
        offset, at, messages = 0, 1_000, []
        for _ in range(dice.choice([0, 3, 700])):
            offset += dice.choice([1, 1, 1, 4])
            at += dice.choice([0, 0, 1, 50]) * (1 if stream == "busy" else 20)
            late = dice.choice([0, 0, 0, LATE_MS])  # another broker's clock
            messages.append(SimpleNamespace(topic=stream, partition=2, offset=offset, timestamp=at - late, value=b"x"))
        found[TopicPartition(stream, 2)] = messages
    return found


def read(messages: Mapping[TopicPartition, Sequence[Any]], starts: Sequence[int], seed: int) -> Read:
    history = History({}, {"busy": "busy", "calm": "calm"}, "group")
    history._consumer = Fetched(messages, seed)
    ends = [messages[TopicPartition(stream, 2)][-1:] for stream in ("busy", "calm")]
    ranges = [
        range(start, max(start, end[0].offset + 1 if end else 0)) for start, end in zip(starts, ends, strict=True)
    ]

    async def all_of_it() -> Read:
        return [
            (chunk.stream, offset, arrived)
            async for chunk in history.chunks(2, ranges)
            for offset, arrived in zip(chunk.offsets, chunk.arrivals, strict=True)
        ]

    return asyncio.run(all_of_it())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
@example(seed=3606)  # many at once, and some of them by a clock that is late
def test_every_message_comes_once_in_order_and_none_long_before_earlier_ones_of_others(seed: int) -> None:
    dice = Random(seed)
    messages = topics(dice)
    starts = [dice.choice([0, 100]), 0]
    found = read(messages, starts, seed)
    assert read(messages, starts, seed + 1) == found  # however it was fetched
    for stream, start in zip(("busy", "calm"), starts, strict=True):
        theirs = [offset for name, offset, _ in found if name == stream]
        assert theirs == [one.offset for one in messages[TopicPartition(stream, 2)] if one.offset >= start]
    together = max(
        sum(at <= one.timestamp <= at + LATE_MS for one in those)
        for those in messages.values() for at in {m.timestamp for m in those}
    ) if any(messages.values()) else 0  # fmt: skip
    for index, (stream, _, arrived) in enumerate(found):
        overtaken = sum(name != stream and at > arrived + LATE_MS / 1_000 for name, _, at in found[:index])
        assert overtaken <= WINDOW + together
