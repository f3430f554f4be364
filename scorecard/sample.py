"""The units of a study as columns, so that a hundred thousand of them are compared in seconds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.unit import Outcome, Unit

Label = tuple[str, ...]
"""A stratum's value of each dimension, in their order."""


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
    def of(cls, units: Sequence[Unit], dimensions: Sequence[str]) -> "Sample":
        """The units by the dimensions, all of which each must have; ValueError names the first that hasn't."""
        places: dict[Label, int] = {}
        stratum = np.empty(len(units), np.int64)
        for row, unit in enumerate(units):
            try:
                label = tuple([unit.strata[dimension] for dimension in dimensions])
            except KeyError as missing:
                has = ", ".join(sorted(unit.strata)) or "none"
                raise ValueError(f"{unit.entity}: stratum {missing.args[0]!r}: not known of it; it has {has}") from None
            if unit.start <= 0:
                raise ValueError(f"{unit.entity}: start {unit.start}: must be above 0")
            stratum[row] = places.setdefault(label, len(places))
        return cls(
            np.array([unit.amounts for unit in units], np.int64).reshape(len(units), 1 + len(Outcome)),
            np.array([unit.exposed for unit in units], np.bool_),
            stratum,
            tuple(places),
            tuple(dimensions),
        )

    def coarser(self, count: int) -> "Sample":
        """The same units by the first `count` dimensions."""
        places: dict[Label, int] = {}
        of_label = [places.setdefault(label[:count], len(places)) for label in self.labels]
        stratum = np.array(of_label, np.int64)[self.stratum] if of_label else self.stratum
        return self._replace(stratum=stratum, labels=tuple(places), dimensions=self.dimensions[:count])

    def part(self, rows: NDArray[np.bool_]) -> "Sample":
        """Some of the units."""
        return self._replace(amounts=self.amounts[rows], exposed=self.exposed[rows], stratum=self.stratum[rows])
