"""The events that all participants read, and the triggers that must come of them.

Deterministic but for `end`: the same events in the same order, and so the same triggers. What is expected is computed
here by its definition, not by the code that the participants run.
"""

import random
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka.partitioner import murmur2

PARTITIONS = 4
ACCOUNTS = 10_000
SPAN_S = 80 * 86_400
RECEIVED_MS = 350
"""An event is received so long after it happened."""

SEED = 7
FEATURES_MIN = 8
HALF_LIFE_S = 14 * 86_400


class Expected(NamedTuple):
    """A trigger that must come out."""

    features: int
    score: float


class Made(NamedTuple):
    """An event as it is sent."""

    partition: int
    key: bytes
    value: bytes


def partition_of(key: bytes) -> int:
    """Where Kafka's Java clients put a key."""
    hashed: int = murmur2(key)
    return (hashed & 0x7FFFFFFF) % PARTITIONS


def breadth(account: int) -> int:
    """How many features an account uses, in the end: one in five 12 to 18, the others 4 to 7."""
    return 3 + account % 5 if account % 5 else 12 + account % 7


def people(account: int) -> int:
    """How many users it has: 2 to 12."""
    return 2 + account * 104_729 % 11


def message(number: str, account: str, user: int, feature: int, at_ms: int) -> bytes:
    """A Segment `track` message."""
    return (
        f'{{"type":"track","event":"Feature Used","messageId":"m-{number}","userId":"u-{account}-{user}",'
        f'"context":{{"groupId":"{account}"}},"timestamp":"{_iso(at_ms)}","receivedAt":"{_iso(at_ms + RECEIVED_MS)}",'
        f'"properties":{{"feature":"feature-{feature:02}"}}}}'
    ).encode()


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class Events:
    """Iterate once: then `expected` holds the triggers by their id, and `counts` how many went to each partition.

    >>> events = Events(20, end=1_762_041_600)
    >>> first = next(iter(events))
    >>> first.partition, first.key, len(first.value)
    (3, b'acct-003238', 248)
    """

    def __init__(self, count: int, *, end: int) -> None:
        """end: unix seconds that they lead up to."""
        self.count = count
        self.expected: dict[str, Expected] = {}
        self.counts = dict.fromkeys(range(PARTITIONS), 0)
        self._start_ms = (end - SPAN_S) * 1_000
        self._instants: dict[int, array[float]] = {}
        self._features: dict[int, set[int]] = {}

    def __iter__(self) -> Iterator[Made]:
        dice = random.Random(SEED)
        homes: dict[int, tuple[str, bytes, int]] = {}
        for number in range(self.count):
            account = int(dice.random() * ACCOUNTS)
            feature, user = int(dice.random() * breadth(account)), int(dice.random() * people(account))
            at_ms = self._start_ms + number * SPAN_S * 1_000 // self.count
            if account not in homes:
                name = f"acct-{account:06}"
                homes[account] = name, name.encode(), partition_of(name.encode())
            name, key, partition = homes[account]
            self.counts[partition] += 1
            self._note(account, name, feature, at_ms)
            yield Made(partition, key, message(f"{number:012}", name, user, feature, at_ms))

    def _note(self, account: int, name: str, feature: int, at_ms: int) -> None:
        """The span is shorter than 90 days: no feature is ever dropped, and an account triggers once or never."""
        if breadth(account) < FEATURES_MIN or f"{name}:1" in self.expected:
            return
        instants = self._instants.setdefault(account, array("d"))
        features = self._features.setdefault(account, set())
        instants.append(at_ms / 1_000)
        features.add(feature)
        if len(features) == FEATURES_MIN:
            score = sum(0.5 ** ((at_ms / 1_000 - instant) / HALF_LIFE_S) for instant in instants)
            self.expected[f"{name}:1"] = Expected(FEATURES_MIN, score)
