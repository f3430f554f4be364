"""Exact and coarsened exact matching: accounts are compared with those that are like them, and with no others.

A dimension with few values (segment, industry) is matched as it is; a number (tenure, revenue, score) by the band that
it lies in. Source: Iacus, King and Porro, "Causal inference without balance checking: coarsened exact matching",
Political Analysis 20(1), 2012.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128_digest

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
MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number near to 2^64 / the golden ratio, which spreads what is multiplied by it (Knuth, TAOCP 3, 6.4)."""

START_BANDS = 4
"""Bands of starting revenue: a stratum's arms should differ little in size, and few bands keep both arms there."""


class Weights(StrEnum):
    """What a stratum weighs, by revenue at the start: w_s = its revenue / that of all strata compared."""

    EXPOSED = "exposed"
    """Revenue of its exposed accounts: what exposure went with for those who were exposed."""
    ALL = "all"
    """Revenue of both arms: what it would be if everybody were exposed."""


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


NOBODY = Arm(0, (0,) * (1 + len(Outcome)))


class Stratum(NamedTuple):
    """Accounts with the same value in every dimension."""

    label: Label
    exposed: Arm
    control: Arm
    reason: str | None
    """Why it can't be compared; None where it can."""

    def base(self, weights: Weights) -> int:
        """What it weighs before weights are scaled to one."""
        return self.exposed.start + (self.control.start if weights is Weights.ALL else 0)


class Rows(NamedTuple):
    """The units of an arm; sorted by what is in them, so that their order tells nothing."""

    amounts: NDArray[np.int64]
    digest: bytes
    """Of the amounts: who has the same has the same rows."""


class Cell(NamedTuple):
    """A stratum that can be compared, with the rows of its arms."""

    stratum: Stratum
    exposed: Rows
    control: Rows


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
    arm = 2 * sample.stratum + sample.exposed
    order = np.argsort(_fingerprints(sample.amounts))
    # Small numbers are sorted by counting them.
    small = np.uint16 if 2 * len(sample.labels) <= np.iinfo(np.uint16).max else np.int64
    order = order[np.argsort(arm[order].astype(small), kind="stable")]
    arm, amounts = arm[order], np.ascontiguousarray(sample.amounts[order])
    firsts = np.flatnonzero(np.diff(arm, prepend=-1))
    sums = np.add.reduceat(amounts, firsts).tolist() if len(firsts) else []
    ends = [*firsts.tolist(), len(arm)][1:]
    found: dict[int, dict[bool, tuple[Arm, slice]]] = {}
    for number, first, end, total in zip(arm[firsts].tolist(), firsts.tolist(), ends, sums, strict=True):
        found.setdefault(number // 2, {})[bool(number % 2)] = Arm(end - first, tuple(total)), slice(first, end)
    cells, left_out = list[Cell](), list[Stratum]()
    for place, both in found.items():
        (exposed, exposed_rows), (control, control_rows) = (
            both.get(side, (NOBODY, slice(0))) for side in (True, False)
        )
        stratum = Stratum(sample.labels[place], exposed, control, _reason(exposed, control))
        if stratum.reason is None:
            cells.append(Cell(stratum, _rows(amounts[exposed_rows]), _rows(amounts[control_rows])))
        else:
            left_out.append(stratum)
    cells.sort(key=lambda cell: (cell.exposed.digest, cell.control.digest))
    left_out.sort(key=lambda stratum: stratum.label)
    return Matching(sample.dimensions, tuple(cells), tuple(left_out))


def _fingerprints(amounts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Of each row a number by which rows are sorted: sorting by all their amounts takes three times as long."""
    found = np.zeros(len(amounts), np.uint64)
    for column in amounts.astype(np.uint64).T:
        found = (found ^ (found >> np.uint64(29)) ^ column) * MIX
    return found


def _rows(amounts: NDArray[np.int64]) -> Rows:
    return Rows(amounts, xxh3_128_digest(amounts.data))


def arms(sample: Sample) -> tuple[Arm, Arm]:
    """All the exposed, and all others, comparable or not."""
    return _arm(sample.amounts[sample.exposed]), _arm(sample.amounts[~sample.exposed])


def fitting(sample: Sample, share_min: Fraction = SHARE_MIN) -> Sample:
    """By as many of the dimensions, the first ones, as leave at least `share_min` of the exposed revenue comparable.

    The first one always stays. Nothing that came of the units is looked at, so that nobody picks a lift by its size.
    """
    for count in range(len(sample.dimensions), 1, -1):
        coarser = sample.coarser(count)
        if _comparable(coarser, share_min):
            return coarser
    return sample.coarser(1)


def _comparable(sample: Sample, share_min: Fraction) -> bool:
    """Whether as much of the exposed revenue is; so it is where nobody is exposed. As `match(sample).share` has it."""
    strata = len(sample.labels)
    counts = np.bincount(2 * sample.stratum + sample.exposed, minlength=2 * strata).reshape(strata, 2)
    start, both = sample.amounts[sample.exposed, 0], np.asarray((counts >= ARM_MIN).all(axis=1))
    return int(start[both[sample.stratum[sample.exposed]]].sum()) >= share_min * int(start.sum())


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


def quantile_cuts(values: NDArray[np.int64], bands: int = START_BANDS) -> tuple[int, ...]:
    """Cuts that make bands of about equally many; fewer where values repeat. They are values that occur.

    >>> quantile_cuts(np.arange(1, 9))
    (3, 5, 7)
    """
    if not len(values):
        return ()
    places = [len(values) * place // bands for place in range(1, bands)]
    ordered = np.partition(values, [0, *places])
    return tuple(sorted({int(ordered[place]) for place in places if ordered[place] > ordered[0]}))


def _arm(rows: NDArray[np.int64]) -> Arm:
    return Arm(len(rows), tuple(int(value) for value in rows.sum(axis=0)))


def _reason(exposed: Arm, control: Arm) -> str | None:
    for name, arm in (("exposed", exposed), ("control", control)):
        if arm.n < ARM_MIN:
            return f"no {name} account" if arm.n == 0 else f"only one {name} account"
    return None
