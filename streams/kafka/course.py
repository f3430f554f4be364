"""In which order chunks may be taken: none is passed over, whatever was lost on the way from the fetch to the agent.

Between the two lie queues that are cleared and flows that are cut whenever the group rebalances, and a consumer whose
position has moved on. A record knows the newest offset that went into it, so a chunk that is taken though the one
before it was lost would hide that one for ever.
"""

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)

SEEKS_MAX = 2
"""A gap that is still there after so many seeks is one of the topic's own: what was there is gone, as by retention.
One seek is not enough, since what was fetched before it may arrive after it."""


class Step(Enum):
    """What to do with a chunk."""

    TAKE = "take"
    LEAVE = "leave"
    """The partition is not ours, or not any more: whoever it belongs to reads it again."""

    SEEK = "seek"
    """Something before it is missing: leave it, and fetch again from `Course.next`."""


class _Place:
    __slots__ = ("gap", "next", "seeks")

    def __init__(self, start: int) -> None:
        self.next = start
        self.gap = -1  # first offset of the chunk that was last left because of a gap before it
        self.seeks = 0


class Course(Generic[P]):
    """What comes next, by partition of a topic.

    >>> course = Course[str]()
    >>> course.restart({"a": 10})
    >>> [course.step("a", first, end).name for first, end in ((10, 15), (20, 25), (15, 25), (25, 30), (9, 12))]
    ['TAKE', 'SEEK', 'TAKE', 'TAKE', 'TAKE']
    >>> [course.step("a", 40, 45).name for _ in range(3)], course.next("a")
    (['SEEK', 'SEEK', 'TAKE'], 45)
    """

    def __init__(self) -> None:
        self._places: dict[P, _Place] = {}

    def restart(self, starts: Mapping[P, int]) -> None:
        """These are ours and no others, and are to be taken from these offsets on."""
        self._places = {place: _Place(start) for place, start in starts.items()}

    def next(self, place: P) -> int | None:
        """The offset that must be taken next; None when the partition is not ours."""
        known = self._places.get(place)
        return None if known is None else known.next

    def skip(self, place: P, end: int) -> None:
        """There is nothing before `end` any more."""
        known = self._places[place]
        known.next, known.gap = max(known.next, end), -1

    def step(self, place: P, first: int, end: int) -> Step:
        """What to do with a chunk from offset `first` up to, and without, `end`. It may hold what was taken before."""
        known = self._places.get(place)
        if known is None:
            return Step.LEAVE
        if first > known.next:
            known.seeks = known.seeks + 1 if first == known.gap else 1
            known.gap = first
            if known.seeks <= SEEKS_MAX:
                return Step.SEEK
        known.next, known.gap = max(known.next, end), -1
        return Step.TAKE
