"""What a worker is told of the world, and how often it does what nobody asks for."""

import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from streams.kafka.edition import Edition
from streams.kafka.identity import Ids, unnamed
from streams.kafka.switching import Taken


class Rhythm(NamedTuple):
    """How often, in seconds, and how much."""

    checkpoint_s: float = 1.0
    tick_s: float = 1.0
    lease_s: float = 5.0
    """After a pause so long, somebody else may have our partitions."""

    dead_share_max: float = 0.5
    dead_min: int = 100
    """So many dead letters of a chunk are never too many."""


async def _known(position: int) -> None:
    """No editions but the one that the worker began with."""


async def _refused(taken: Taken, edition: Edition) -> None:
    """No editions that name rebuilt records."""
    if edition.rebuilt is not None:
        raise NotImplementedError(f"nothing is there to go on from namespace {edition.rebuilt.namespace}")


class Around(NamedTuple):
    """What a worker asks of the world."""

    home: Callable[[str], int]
    """The partition that an account belongs to."""

    behind: Callable[[int], bool] = lambda partition: False
    """Whether messages of a partition wait that arrived before now."""

    clock: Callable[[], float] = time.time

    heard: Callable[[int], Awaitable[None]] = _known
    """Returns when this worker has judged all editions up to a position."""

    switch: Callable[[Taken, Edition], Awaitable[None]] = _refused
    """Has the records of a partition made from those that an edition names; see Switching."""

    ids: Callable[[], Awaitable[Ids]] = unnamed
    """The ids of the input topics; see Identity."""
