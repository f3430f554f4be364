"""A chunk: messages of one topic partition that were fetched together, and what becomes of them."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter, sub
from typing import NamedTuple

from scoring.event import Event
from streams.dating import FUTURE_TOLERANCE_S
from streams.dead_letter import DeadLetter, Place, shown
from streams.vocabulary import Vocabulary
from streams.wire import decode

SORTED_MIN = 2_048
"""Messages below which all that is made of them fits into a processor's cache, in whatever order."""


class Chunk(NamedTuple):
    """Messages, usually in order of their offsets, which may have gaps (compaction, transactions)."""

    topic: str
    partition: int
    stream: str
    """The stream whose topic it is."""

    offsets: Sequence[int]
    arrivals: Sequence[float]
    """When the broker took each message, unix seconds."""

    values: Sequence[bytes]
    keys: Sequence[bytes | None] = ()
    """Of each message, or of none. They only tell what to look at together: whose a message is, it says itself."""

    def part(self, start: int, end: int) -> "Chunk":
        """The messages from `start` up to, and without, `end`."""
        offsets, arrivals, values = self.offsets[start:end], self.arrivals[start:end], self.values[start:end]
        return self._replace(offsets=offsets, arrivals=arrivals, values=values, keys=self.keys[start:end])

    def pick(self, places: Sequence[int]) -> "Chunk":
        """The messages at these places, in that order."""
        return Chunk(
            self.topic, self.partition, self.stream, list(map(self.offsets.__getitem__, places)),
            list(map(self.arrivals.__getitem__, places)), list(map(self.values.__getitem__, places)),
        )  # fmt: skip

    def by_key(self) -> list[int] | None:
        """The places of all messages, those of a key together and in their order: what is made of them for one account
        then lies together in memory, and to come back to it costs less. None where nothing is gained.
        """
        if len(self.keys) < SORTED_MIN:
            return None
        places = defaultdict[bytes | None, list[int]](list)
        for place, key in enumerate(self.keys):
            places[key].append(place)
        return list(chain.from_iterable(places.values())) if len(places) > 1 else None

    @property
    def origin(self) -> str:
        """Where dead letters say that they come from."""
        return f"{self.topic}-{self.partition}"


_ARRIVED = attrgetter("arrived")


class Decoded(NamedTuple):
    """The events of a chunk, in order, where in it each of them stands, and what was refused."""

    events: list[Event]
    places: Sequence[int]
    dead: list[DeadLetter]


def decode_together(chunk: Chunk, vocabulary: Vocabulary) -> Decoded:
    """All of a chunk at once, which is the usual way. Of a message comes one event at most, whatever the others are."""
    decoded = decode(
        chunk.values, vocabulary=vocabulary, now=chunk.arrivals, wall=max(chunk.arrivals), stream=chunk.stream,
        place=_place(chunk),
    )  # fmt: skip
    events, arrivals = decoded.events, chunk.arrivals
    places: Sequence[int] = range(len(arrivals))
    if len(events) < len(places):
        gone = {letter.item for letter in decoded.dead}.union(decoded.passed)
        places = [place for place in places if place not in gone]
        arrivals = [chunk.arrivals[place] for place in places]
    ahead = max(map(sub, map(_ARRIVED, events), arrivals), default=0.0)
    if ahead > FUTURE_TOLERANCE_S:  # too far for this one, and not for the latest
        each = decode_each(chunk, vocabulary)
        found = [(place, event) for place, event, _ in each if event is not None]
        return Decoded([event for _, event in found], [place for place, _ in found], [one for *_, one in each if one])
    if ahead > 0.0:
        events = list(map(_arrived, events, arrivals))
    dead = [
        letter._replace(position=f"{chunk.origin}:{chunk.offsets[letter.item]}", at=chunk.arrivals[letter.item])
        for letter in decoded.dead
    ]
    return Decoded(events, places, dead)


def decode_each(chunk: Chunk, vocabulary: Vocabulary) -> list[tuple[int, Event | None, DeadLetter | None]]:
    """The same message by message, each with its place in the chunk: what it takes to tell them apart costs more."""
    found: list[tuple[int, Event | None, DeadLetter | None]] = []
    for index, (offset, arrived, value) in enumerate(zip(chunk.offsets, chunk.arrivals, chunk.values, strict=True)):
        decoded = decode(
            [value], vocabulary=vocabulary, now=arrived, wall=arrived, stream=chunk.stream,
            place=Place(chunk.origin, offset),
        )  # fmt: skip
        event = _arrived(decoded.events[0], arrived) if decoded.events else None
        if event is not None or decoded.dead:
            found.append((index, event, decoded.dead[0] if decoded.dead else None))
    return found


def misplaced(chunk: Chunk, index: int, account_id: str) -> DeadLetter:
    """What becomes of a message that stands in a partition which is not its account's."""
    message = (
        f"account {shown('account', account_id)} does not belong into partition {chunk.partition}: messages are keyed"
        " by their account, and placed by the hash (murmur2) that Java's and most other clients use"
    )
    return DeadLetter(
        "wrong_partition", "key", shown("key", account_id), message, chunk.values[index],
        f"{chunk.origin}:{chunk.offsets[index]}", index, chunk.arrivals[index],
    )  # fmt: skip


def _arrived(event: Event, latest: float) -> Event:
    """The event, which did not arrive after the broker had it: only the broker's clock moves time."""
    if event.arrived <= latest:
        return event
    return event.replace(arrived=latest, at=min(event.at, latest))


def _place(chunk: Chunk) -> Place:
    return Place(chunk.origin, chunk.offsets[0])
