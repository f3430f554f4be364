"""The read model: what the output topics said, and how far they were read, changed together in one transaction."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from streams.dead_letter import shown
from streams.kafka.service.letters import Letters
from streams.kafka.service.published import Scores
from streams.kafka.service.tables import READ_AT, open_writer
from streams.kafka.topics import DEAD_LETTERS, HEALTH, TRIGGERS

READ = (HEALTH, TRIGGERS, DEAD_LETTERS)
"""The topics that the read model is made of."""

PRUNED = 1_000
"""Of the oldest triggers, so many are looked at with every batch that has new ones."""

NOTE_S = 3_600.0
"""How often it is noted that all scores were read; it is asked for when a month has begun."""

logger = logging.getLogger(__name__)


class Message(NamedTuple):
    """A message of one of the topics."""

    offset: int
    key: bytes
    value: bytes | None
    at: float
    """Of the topic, unix seconds."""


class Batch(NamedTuple):
    """Messages of one partition, in their order. topic: as in READ, without the installation's prefix."""

    topic: str
    partition: int
    messages: Sequence[Message]


class Applied(NamedTuple):
    """What became of some batches."""

    triggers: int
    """New ones."""
    skipped: Mapping[str, int]
    """Messages that are no output of ours, by topic."""


class _Data(msgspec.Struct):
    play: str


class _Trigger(msgspec.Struct):
    id: str
    subject: str
    data: _Data


_decode = msgspec.json.Decoder(_Trigger).decode


class Model:
    """The only one who writes. One thread at a time."""

    def __init__(self, directory: Path, topics: Mapping[str, str], triggers_s: float) -> None:
        """topics: their ids by name; triggers_s: how long triggers are kept. StoreError when the file can't be used."""
        self._connection = open_writer(directory, topics)
        self._triggers_s = triggers_s
        self._newest = 0.0
        self._noted = 0.0
        self._scores = Scores(self._connection)
        self._letters = Letters(self._connection)

    def places(self) -> dict[tuple[str, int], int]:
        """The offset to go on from, by topic and partition; what is missing was never read."""
        rows = self._connection.execute("SELECT topic, partition, next FROM places")
        return {(topic, partition): offset for topic, partition, offset in rows}

    def apply(self, batches: Iterable[Batch]) -> Applied:
        """Take all of them in, or none: sqlite3.OperationalError when the disk won't take it."""
        triggers, skipped = 0, Counter[str]()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for batch in batches:
                for message in batch.messages:
                    try:
                        triggers += self._put(batch, message)
                    except (ValueError, TypeError) as error:  # msgspec's and UnicodeDecodeError are ValueErrors
                        skipped[batch.topic] += 1
                        logger.warning(
                            "%s-%d:%d is no output of ours: %s; it begins %s", batch.topic, batch.partition,
                            message.offset, error, shown("value", message.value),
                        )  # fmt: skip
                self._connection.execute(
                    "INSERT OR REPLACE INTO places VALUES (?, ?, ?)",
                    (batch.topic, batch.partition, batch.messages[-1].offset + 1),
                )
            self._letters.prune()
            if triggers:
                self._prune()
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._letters.forget()
            raise
        return Applied(triggers, skipped)

    def read_all(self, at: float) -> None:
        """Note, now and then, that all scores are in that were published by an instant, unix seconds.
        sqlite3.OperationalError when the disk won't take it.
        """
        if at < self._noted + NOTE_S:
            return
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (READ_AT, repr(at)))
        self._noted = at

    def _put(self, batch: Batch, message: Message) -> int:
        """Take in one message; how many new triggers there are. ValueError when it is none that belongs there."""
        if batch.topic == HEALTH:
            self._scores.put(message.key.decode(), message.value)
            return 0
        if message.value is None:
            raise ValueError("it is empty")
        if batch.topic == DEAD_LETTERS:
            self._letters.add(f"{batch.topic}-{batch.partition}:{message.offset}", message.value)
            return 0
        return self._trigger(batch.partition, message, message.value)

    def _trigger(self, partition: int, message: Message, value: bytes) -> int:
        """A trigger that is there already stays as it is: a worker may send it again after a crash."""
        trigger = _decode(value)
        row = (trigger.id, partition, message.offset, trigger.subject, trigger.data.play, message.at, value.decode())
        new = self._connection.execute(
            "INSERT OR IGNORE INTO triggers (id, partition, offset, account_id, play, at, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)", row,
        ).rowcount  # fmt: skip
        self._newest = max(self._newest, message.at)
        return new

    def _prune(self) -> None:
        """Let old triggers go, by the clock of the new ones."""
        self._connection.execute(
            "DELETE FROM triggers WHERE seq IN (SELECT seq FROM triggers ORDER BY seq LIMIT ?) AND at < ?",
            (PRUNED, self._newest - self._triggers_s),
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
