"""The units of a study as columns, so that a hundred thousand of them are compared in a moment."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.column import Column

Label = tuple[str, ...]
"""A stratum's value of each dimension, in their order."""

PLACES_MAX = 2**62
"""Strata are numbered by the places of their values, taken together; no more fit into a number."""


class Sample(NamedTuple):
    """One row a unit, in any order."""

    amounts: NDArray[np.int64]
    """`Unit.amounts`: the revenue at the start (above zero), then the money of each outcome."""
    exposed: NDArray[np.bool_]
    stratum: NDArray[np.int64]
    """Places in `labels`."""
    labels: tuple[Label, ...]
    dimensions: tuple[str, ...]

    @classmethod
    def of(cls, amounts: NDArray[np.int64], exposed: NDArray[np.bool_], by: Mapping[str, Column[str]]) -> "Sample":
        """The units by some of their dimensions, in this order."""
        columns, place, size = [*by.values()], np.zeros(len(amounts), np.int64), 1
        for column in columns:
            count = max(1, len(column.values))
            if size * count > PLACES_MAX:
                place, size = np.unique(place, return_inverse=True)[1], len(place)
            place, size = place * count + column.places, size * count
        _, first, stratum = np.unique(place, return_index=True, return_inverse=True)
        labels = tuple(tuple(column.values[column.places[row]] for column in columns) for row in first)
        return cls(amounts, exposed, stratum, labels, tuple(by))

    def coarser(self, count: int) -> "Sample":
        """The same units by the first `count` dimensions."""
        places: dict[Label, int] = {}
        of_label = [places.setdefault(label[:count], len(places)) for label in self.labels]
        stratum = np.array(of_label, np.int64)[self.stratum] if of_label else self.stratum
        return self._replace(stratum=stratum, labels=tuple(places), dimensions=self.dimensions[:count])

    def part(self, rows: NDArray[np.bool_]) -> "Sample":
        """Some of the units."""
        return self._replace(amounts=self.amounts[rows], exposed=self.exposed[rows], stratum=self.stratum[rows])
