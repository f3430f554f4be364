"""What a facet that is made of dated notes must be able to do."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple, Protocol

from scorecard.facets.note import Note
from scorecard.facets.window import Window
from scoring.event import Event


class Known(NamedTuple):
    """What is known of the account that the facets are of, as the cohort of the period has it."""

    traits: Mapping[str, object] = {}
    """By name, at the period's start."""
    active: bool = True
    """Whether it pays on the last day: what one that has left ought to have is not asked."""
    ended: Set[int] = frozenset()
    """Of accounts joined with it, by number (see joining): those merged into another one, and those that have left."""


UNKNOWN = Known()
"""Of an account that pays, and of which no traits are known."""


class Facet(Protocol):
    """One way of looking at an account: the events that it reads, and what they come to."""

    names: frozenset[str]
    """Events that `note` is asked about."""

    def note(self, event: Event) -> Note | None:
        """What the event says; None when it says nothing usable."""

    def count(self, notes: Sequence[Note], window: Window, known: Known) -> Iterator[tuple[str, int]]:
        """What the notes, oldest first, come to: (name, count) pairs that add up over accounts."""
