"""What a read model is fed from: a log, or topics, read stretch by stretch."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from scoring.event import Event

Place = tuple[str, int]
"""A source, and the position that follows an event in it."""


class Stretch(NamedTuple):
    """The next events, in the order of their sources."""

    events: Sequence[Event]
    places: Sequence[Place]
    """Of each event."""
    positions: Mapping[str, int]
    """Where each source that was read goes on; also past what is no event for the reader."""
    behind: int
    """How many more messages there are at least; 0: this is all."""


class OriginError(RuntimeError):
    """The sources are not those that the read model was made from; the message says what to do."""


class Origin(Protocol):
    """Where events come from. One thread at a time."""

    def check(self, positions: Mapping[str, int]) -> None:
        """OriginError unless these are positions in our sources."""

    def read(self, positions: Mapping[str, int]) -> Stretch:
        """The next events after these positions; what is missing there begins with the oldest."""

    def close(self) -> None:
        """Let go of files and connections."""


def refuse_others(positions: Mapping[str, int], ours: str | tuple[str, ...], sources: str) -> None:
    """OriginError unless the names of all sources begin with `ours`, or one of them. sources: for people."""
    others = sorted(name for name in positions if not name.startswith(ours))
    if others:
        raise OriginError(
            f"the scorecard's read model was made from {others[0]}, and not from {sources}; choose another database for"
            " it, or remove what is in it, and it is made anew"
        )
