"""The accounts that those of a worker are held against, where the profile ranks them among their segment.

They are drawn from the worker's own: accounts are spread over partitions by the hash of their ids, so that its
partitions are a fair sample of all.
"""

from collections.abc import Collection
from itertools import chain
from math import ceil

from plays.engine import Engine
from streams.kafka.partition import Partition

PEERS_SAMPLED = 5_000
"""Drawn at a time: a quarter of a second's work, and ranks exact to about 1 % (half the root of 1 / 5,000)."""

PEERS_S = 86_400.0
"""How long they stand: what is usual in a segment changes over weeks."""

FEWER_S = 600.0
"""The same while there are fewer than could be drawn: an installation that has just begun has few today, and all
tomorrow."""


class Peers:
    """Of one worker."""

    def __init__(self) -> None:
        self._due = 0.0

    def renew(self) -> None:
        """The worker has other accounts, or another engine."""
        self._due = 0.0

    def refer(self, engine: Engine, partitions: Collection[Partition], now: float) -> None:
        """Draw them again where it is time; now: unix seconds."""
        if now < self._due or not engine.profile.ranked:
            return
        total = sum(partition.recorded for partition in partitions)
        if not total:
            return
        share = min(1.0, PEERS_SAMPLED / total)
        seed = int(now // PEERS_S)  # a worker that takes over in the same period draws the same of the same accounts
        drawn = (partition.sample(ceil(partition.recorded * share), seed) for partition in partitions)
        engine.refer(chain.from_iterable(drawn), now)
        self._due = now + (PEERS_S if total >= PEERS_SAMPLED else FEWER_S)
