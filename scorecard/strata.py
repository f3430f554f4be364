"""Exact and coarsened exact matching: accounts are compared with those that are like them, and with no others.

A dimension with few values (segment, industry) is matched as it is; a number (tenure, revenue, score) by the band that
it lies in. Source: Iacus, King and Porro, "Causal inference without balance checking: coarsened exact matching",
Political Analysis 20(1), 2012.
"""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.sample import Label, Sample
from scorecard.unit import Outcome

ARM_MIN = 2
"""Accounts an arm of a stratum must have: of a single one nobody can say how much chance there is in it."""

SHARE_MIN = Fraction(4, 5)
"""Of the exposed revenue that should be compared: of less, the lift is of a part, and a coarser matching says more."""

TENURE_DAYS = (365, 1_095)
"""Cuts of the tenure bands: the first year, the next two, longer."""
HEALTH = (40.0, 70.0)
"""Cuts of the score where the profile's own bands are not at hand."""
START_BANDS = 4
"""Bands of starting revenue: a stratum's arms should differ little in size, and few bands keep both arms there."""


class Arm(NamedTuple):
    """One side of a stratum."""

    n: int
    amounts: tuple[int, ...]
    """Sums of `Unit.amounts`."""

    @property
    def start(self) -> int:
        """Revenue at the start."""
        return self.amounts[0] if self.amounts else 0

    def rate(self, outcome: Outcome) -> Fraction | None:
        """The ratio of sums, exactly; None where the arm has nobody."""
        return Fraction(self.amounts[1 + list(Outcome).index(outcome)], self.start) if self.n else None


class Stratum(NamedTuple):
    """Accounts with the same value in every dimension."""

    label: Label
    exposed: Arm
    control: Arm
    reason: str | None
    """Why it can't be compared; None where it can."""


class Cell(NamedTuple):
    """The rows of a stratum that can be compared; within an arm they are sorted, so that their order tells nothing."""

    stratum: Stratum
    exposed: NDArray[np.int64]
    control: NDArray[np.int64]


class Matching(NamedTuple):
    """Every unit is in exactly one stratum; every stratum is either compared or listed with the reason why not."""

    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]
    """Compared. Sorted by what is in them, so that names change nothing."""
    left_out: tuple[Stratum, ...]
    """By label."""

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """Those that are compared, by label."""
        return tuple(sorted((cell.stratum for cell in self.cells), key=lambda stratum: stratum.label))

    @property
    def share(self) -> Fraction | None:
        """Of the revenue of all exposed accounts, that which is compared; None where nobody is exposed."""
        used = sum(cell.stratum.exposed.start for cell in self.cells)
        whole = used + sum(stratum.exposed.start for stratum in self.left_out)
        return Fraction(used, whole) if whole else None


def match(sample: Sample) -> Matching:
    """Sort the rows into strata and arms."""
    amounts = sample.amounts
    order = np.lexsort((*reversed(amounts.T), sample.exposed, sample.stratum))
    stratum = sample.stratum[order]
    borders = np.flatnonzero(np.diff(stratum)) + 1
    cells, left_out = [], []
    for rows in np.split(order, borders) if len(order) else ():
        first_exposed = len(rows) - int(sample.exposed[rows].sum())
        control, exposed = amounts[rows[:first_exposed]], amounts[rows[first_exposed:]]
        arms = _arm(exposed), _arm(control)
        found = Stratum(sample.labels[sample.stratum[rows[0]]], *arms, _reason(*arms))
        if found.reason is None:
            cells.append(Cell(found, exposed, control))
        else:
            left_out.append(found)
    cells.sort(key=lambda cell: (cell.exposed.tobytes(), cell.control.tobytes()))
    left_out.sort(key=lambda found: found.label)
    return Matching(sample.dimensions, tuple(cells), tuple(left_out))


def arms(sample: Sample) -> tuple[Arm, Arm]:
    """All the exposed, and all others, comparable or not."""
    return _arm(sample.amounts[sample.exposed]), _arm(sample.amounts[~sample.exposed])


def fitting(sample: Sample, share_min: Fraction = SHARE_MIN) -> Sample:
    """By as many of the dimensions, the first ones, as leave at least `share_min` of the exposed revenue comparable.

    The first one always stays. Nothing that came of the units is looked at, so that nobody picks a lift by its size.
    """
    for count in range(len(sample.dimensions), 1, -1):
        coarser = sample.coarser(count)
        share = match(coarser).share
        if share is None or share >= share_min:
            return coarser
    return sample.coarser(1)


def band(value: float, cuts: Sequence[float]) -> str:
    """The band of a number between rising cuts; what lies on a cut belongs above it.

    >>> band(364, TENURE_DAYS), band(365, TENURE_DAYS), band(4000, TENURE_DAYS)
    ('<365', '365..1095', '>=1095')
    """
    place = bisect_right(cuts, value)
    if not cuts:
        return "all"
    if place == 0:
        return f"<{cuts[0]:g}"
    return f">={cuts[-1]:g}" if place == len(cuts) else f"{cuts[place - 1]:g}..{cuts[place]:g}"


def quantile_cuts(values: Sequence[int], bands: int = START_BANDS) -> tuple[int, ...]:
    """Cuts that make bands of about equally many; fewer where values repeat. They are values that occur.

    >>> quantile_cuts([1, 2, 3, 4, 5, 6, 7, 8])
    (3, 5, 7)
    """
    ordered = sorted(values)
    cuts = {ordered[len(ordered) * place // bands] for place in range(1, bands)} if ordered else set()
    return tuple(sorted(cut for cut in cuts if cut > ordered[0]))


def _arm(rows: NDArray[np.int64]) -> Arm:
    return Arm(len(rows), tuple(int(value) for value in rows.sum(axis=0)))


def _reason(exposed: Arm, control: Arm) -> str | None:
    for name, arm in (("exposed", exposed), ("control", control)):
        if arm.n < ARM_MIN:
            return f"no {name} account" if arm.n == 0 else f"only one {name} account"
    return None
