"""The topics of events as a source of the scorecard: read by offset, by a consumer of no group."""

from collections.abc import Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from scoring.event import Event
from streams.kafka.administration import CONNECT_S_MAX, unreachable
from streams.kafka.chunk import Chunk, decode_each
from streams.kafka.home import home
from streams.kafka.settings import Settings
from streams.kafka.topics import INPUTS, ISOLATION
from streams.scorecard.stretch import Place, Stretch, refuse_others
from streams.vocabulary import Vocabulary

POLL_MS = 200
"""How long to wait for messages: a movement is in the figures within a second."""

MESSAGES_MAX = 2_000
"""Taken together."""


class TopicOrigin:
    """Reads what the workers read: an event that they refuse is none here either."""

    def __init__(self, settings: Settings, topics: Mapping[str, str], vocabulary: Vocabulary, *, usage: bool) -> None:
        """topics: ids by name; usage: whether this stream is read. Raises UnreachableError."""
        names = {settings.prefix + name: stream for stream, name in INPUTS.items() if usage or stream != "usage"}
        self._streams = names
        self._vocabulary = vocabulary
        self._partitions = settings.partitions
        self._ids = {topic: topics[topic] for topic in names}
        with unreachable(settings):
            self._consumer = KafkaConsumer(
                **settings.connection(), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
                bootstrap_timeout_ms=int(CONNECT_S_MAX * 1000), max_poll_records=MESSAGES_MAX,
                isolation_level=ISOLATION,
            )  # fmt: skip
        self._places = [TopicPartition(topic, number) for topic in names for number in range(settings.partitions)]
        self._consumer.assign(self._places)
        self._ends: Mapping[Any, int] = self._consumer.end_offsets(self._places)
        self._at: dict[str, int] = {}

    def check(self, positions: Mapping[str, int]) -> None:
        """OriginError where these are of other topics, or of topics that were made anew since."""
        refuse_others(positions, tuple(f"{topic}/{id_}/" for topic, id_ in self._ids.items()), "the topics of now")

    def read(self, positions: Mapping[str, int]) -> Stretch:
        """The next events; positions are offsets."""
        if self._at != positions:
            self._seek(positions)
        events: list[Event] = []
        places: list[Place] = []
        found: dict[str, int] = {}
        for place, messages in self._consumer.poll(timeout_ms=POLL_MS, max_records=MESSAGES_MAX).items():
            source = self._source(place)
            found[source] = messages[-1].offset + 1
            values = [(message.offset, message.timestamp / 1000, message.value or b"") for message in messages]
            offsets, arrivals, bodies = zip(*values, strict=True)
            chunk = Chunk(place.topic, place.partition, self._streams[place.topic], offsets, arrivals, bodies)
            for index, event, _ in decode_each(chunk, self._vocabulary):
                if event is not None and home(event.account_id, self._partitions) == place.partition:
                    events.append(event)
                    places.append((source, offsets[index] + 1))
        self._at = {**positions, **found}
        return Stretch(events, places, found, self._behind(idle=not found))

    def _seek(self, positions: Mapping[str, int]) -> None:
        for place in self._places:
            offset = positions.get(self._source(place))
            if offset is None:
                self._consumer.seek_to_beginning(place)
            else:
                self._consumer.seek(place, offset)
        self._at = dict(positions)

    def _source(self, place: Any) -> str:
        return f"{place.topic}/{self._ids[place.topic]}/{place.partition}"

    def _behind(self, *, idle: bool) -> int:
        """Messages that are known to follow. idle: whether none came, though some may be there: then they are those of
        a transaction that is still open, which nobody waits for.
        """
        newest = ((place, self._consumer.highwater(place)) for place in self._places)
        ends = {place: self._ends[place] if end is None else end for place, end in newest}
        left = {place: end - self._consumer.position(place) for place, end in ends.items()}
        if idle and (waiting := [place for place, count in left.items() if count > 0]):
            ends = self._consumer.end_offsets(waiting)
            left = {place: ends[place] - self._consumer.position(place) for place in waiting}
        return sum(max(0, count) for count in left.values())

    def close(self) -> None:
        """Let go of the brokers."""
        self._consumer.close(autocommit=False)
