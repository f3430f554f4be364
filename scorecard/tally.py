"""What is counted of an entity or a cohort by name: whole numbers that add up."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by name, `moves` or `first/30`; what is not there is 0.

    >>> one, other = Tally({"moves": 1, "exposed": 1}), Tally({"moves": 1})
    >>> (one + other)["moves"], (one + other - one) == other
    (2, True)
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        """How many there are; 0 where nobody counted any."""
        return self.counts.get(name, 0)

    def __bool__(self) -> bool:
        """Whether anything was counted."""
        return bool(self.counts)

    def __add__(self, other: Self) -> Self:
        """Both together."""
        return type(self).total((self, other))

    def __sub__(self, other: Self) -> Self:
        """This one without the other."""
        counts = dict(self.counts)
        for name, count in other.counts.items():
            counts[name] = counts.get(name, 0) - count
        return type(self)({name: count for name, count in counts.items() if count})

    @classmethod
    def total(cls, tallies: Iterable[Self]) -> Self:
        """The sum of any number of them; zeros are left out, so that equal sums are equal tallies."""
        counts: dict[str, int] = {}
        for one in tallies:
            for name, count in one.counts.items():
                counts[name] = counts.get(name, 0) + count
        return cls({name: count for name, count in counts.items() if count})

    def under(self, group: str) -> Iterator[tuple[str, int]]:
        """The counts of a group, `first`, by the rest of their names; in no order."""
        start = f"{group}/"
        for name, count in self.counts.items():
            if name.startswith(start):
                yield name[len(start) :], count
