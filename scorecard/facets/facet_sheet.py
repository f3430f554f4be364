"""What an account's facets come to over a period: whole numbers by name, that add up over the accounts of a cohort."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class FacetSheet:
    """Counts by name, `activation/due` or `feature_users/export`; what is not there is 0.

    >>> one, other = FacetSheet({"activation/due": 1, "activation/met": 1}), FacetSheet({"activation/due": 1})
    >>> (one + other)["activation/due"], (one + other - one) == other
    (2, True)
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        """How many there are; 0 where nobody counted any."""
        return self.counts.get(name, 0)

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
    def total(cls, sheets: Iterable[Self]) -> Self:
        """The sum of any number of sheets; zeros are left out, so that equal sums are equal sheets."""
        counts: dict[str, int] = {}
        for sheet in sheets:
            for name, count in sheet.counts.items():
                counts[name] = counts.get(name, 0) + count
        return cls({name: count for name, count in counts.items() if count})

    def under(self, group: str) -> Iterator[tuple[str, int]]:
        """The counts of a group, `feature_users`, by the rest of their names; in no order."""
        start = f"{group}/"
        for name, count in self.counts.items():
            if name.startswith(start):
                yield name[len(start) :], count
