"""The units of a study and of its placebo, as columns: some 200 bytes a unit, and other ones take a moment."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.bootstrap import Floats
from scorecard.cohort import NONE
from scorecard.column import Column
from scorecard.membership import Membership
from scorecard.sample import Sample
from scorecard.strata import START_BANDS, quantile_cuts
from scorecard.unit import Outcome, Unit

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

AMOUNTS = 1 + len(Outcome)

UNITS_AT_ONCE = 2_000
"""In memory as they come, some 2 MB."""

NOBODY = Unit(0, (), {})

START = "start"
"""The dimension that is made here, since it hangs on all units: their bands of starting revenue."""


class Panel(NamedTuple):
    """A row a unit, by rising number. Frozen, its arrays too: what changes is another panel."""

    numbers: Ints
    amounts: Ints
    """A row of Unit.amounts each."""
    before: Ints
    """A row of Unit.before each; zeros where there is none."""
    programmes: Column[frozenset[str]]
    crossed: Bools
    strata: Mapping[str, Column[str]]
    """By dimension, START among them: "2 of 4", the smallest first."""
    covariates: Mapping[str, Floats]
    """By name; NaN where one is not known."""
    membership: Membership
    start_bands: int

    @classmethod
    def of(cls, units: Iterable[Unit], start_bands: int = START_BANDS) -> "Panel":
        """Of units with the same dimensions; ValueError where one has others, or no revenue at the start."""
        waiting = iter(units)
        parts = list[Panel]()
        while some := list(islice(waiting, UNITS_AT_ONCE)):
            parts.append(_columns(some, start_bands))
        return _joined(parts, start_bands)

    def with_(self, numbers: Collection[int], other: "Panel") -> "Panel":
        """With the units of `other` instead of those with these numbers."""
        stay = ~np.isin(self.numbers, np.fromiter(numbers, np.int64, len(numbers)))
        return _joined([self.part(stay), other], self.start_bands)

    def part(self, rows: Bools | Ints) -> "Panel":
        """Some of the units, in the bands of all."""
        return Panel(
            self.numbers[rows], self.amounts[rows], self.before[rows], self.programmes.at(rows), self.crossed[rows],
            {name: column.at(rows) for name, column in self.strata.items()},
            {name: column[rows] for name, column in self.covariates.items()},
            {name: column.at(rows) for name, column in self.membership.items()},
            self.start_bands,
        )  # fmt: skip

    @property
    def exposed(self) -> Bools:
        """Whether any programme touched it."""
        return self._among(bool(some) for some in self.programmes.values)

    def exposed_to(self, programme: str) -> Bools:
        """Whether this one did."""
        return self._among(programme in some for some in self.programmes.values)

    def named(self) -> list[str]:
        """The programmes that touched anybody, by name."""
        return sorted(frozenset[str]().union(*self.programmes.seen()))

    def unknown(self, dimension: str) -> bool:
        """Whether nothing is known of it, of nobody; ValueError where the units don't have it."""
        return self._by([dimension])[dimension].seen() == [NONE]

    def sample(self, dimensions: Sequence[str]) -> Sample:
        """The units by some dimensions. ValueError for one that they don't have."""
        return Sample.of(self.amounts, self.exposed, self._by(dimensions))

    def sample_before(self, dimensions: Sequence[str]) -> Sample:
        """The same of the placebo: same strata, same exposure, the money of then."""
        rows = self.before[:, 0] > 0
        by = {name: column.at(rows) for name, column in self._by(dimensions).items()}
        return Sample.of(self.before[rows], self.exposed[rows], by)

    def _by(self, dimensions: Sequence[str]) -> dict[str, Column[str]]:
        if not len(self.numbers):
            return {name: Column.of(list[str]()) for name in dimensions}
        for name in dimensions:
            if name not in self.strata:
                raise ValueError(f"stratum {name!r}: not known; there are {', '.join(sorted(self.strata))}")
        return {name: self.strata[name] for name in dimensions}

    def _among(self, values: Iterator[bool]) -> Bools:
        return np.fromiter(values, np.bool_, len(self.programmes.values))[self.programmes.places]


def _columns(units: Sequence[Unit], start_bands: int) -> Panel:
    for unit in units:
        if unit.amounts[0] <= 0:
            raise ValueError(f"unit {unit.number}: start {unit.amounts[0]}: must be above 0")
        if unit.strata.keys() != units[0].strata.keys():
            raise ValueError(f"unit {unit.number}: dimensions {sorted(unit.strata)}: others than of those before")
    first = units[0] if units else NOBODY
    covariates = dict.fromkeys(name for unit in units for name in unit.covariates)
    return Panel(
        np.array([unit.number for unit in units], np.int64),
        _amounts([unit.amounts for unit in units]),
        _amounts([unit.before or (0,) * AMOUNTS for unit in units]),
        Column.of([unit.programmes for unit in units]),
        np.array([unit.crossed for unit in units], np.bool_),
        {name: Column.of([unit.strata[name] for unit in units]) for name in first.strata},
        {name: np.array([unit.covariates.get(name, np.nan) for unit in units], np.float64) for name in covariates},
        {name: Column.of([unit.cohorts[name] for unit in units]) for name in first.cohorts},
        start_bands,
    )


def _amounts(rows: Sequence[Sequence[int]]) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), AMOUNTS)


def _joined(parts: Sequence[Panel], start_bands: int) -> Panel:
    """The units of all, sorted, and banded together."""
    some = [part for part in parts if len(part.numbers)] or [_columns([], start_bands)]
    first = some[0]
    covariates = dict.fromkeys(name for part in some for name in part.covariates)
    whole = Panel(
        np.concatenate([part.numbers for part in some]),
        np.concatenate([part.amounts for part in some]),
        np.concatenate([part.before for part in some]),
        Column.joined([part.programmes for part in some]),
        np.concatenate([part.crossed for part in some]),
        {name: Column.joined([part.strata[name] for part in some]) for name in first.strata if name != START},
        {
            name: np.concatenate([part.covariates.get(name, np.full(len(part.numbers), np.nan)) for part in some])
            for name in covariates
        },
        {name: Column.joined([part.membership[name] for part in some]) for name in first.membership},
        start_bands,
    )
    ordered = whole.part(np.argsort(whole.numbers))
    return ordered._replace(strata={**ordered.strata, START: _sizes(ordered.amounts[:, 0], start_bands)})


def _sizes(start: Ints, bands: int) -> Column[str]:
    cuts = quantile_cuts(start, bands)
    names = tuple(f"{place} of {len(cuts) + 1}" for place in range(1, len(cuts) + 2))
    return Column(np.searchsorted(np.array(cuts, np.int64), start, side="right").astype(np.int32), names)
