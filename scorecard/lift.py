"""C3, C4 and C5: how exposed accounts fared against comparable ones that were not exposed.

The lift is the sum over strata of w_s (rate of the exposed - rate of the others), where a rate is a ratio of sums of
money: that of NRR is end / start. Only strata with both arms can be compared; the others are listed, and the share of
the exposed revenue that is compared is told with the lift.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import numpy as np

from scorecard.bootstrap import LEVEL, RESAMPLES, Interval, effective_n, interval
from scorecard.draws import Draws
from scorecard.panel import Panel
from scorecard.resampled import Resampling
from scorecard.sample import Label, Sample
from scorecard.strata import Arm, Cell, Matching, Weights, arms, fitting, match
from scorecard.unit import Outcome

EFFECTIVE_MIN = 10.0
"""Accounts of equal size that an arm must be worth: below, a few large ones make the figure, and no interval holds."""

NO_STRATUM = "no stratum has both exposed accounts and others"


class Lift(NamedTuple):
    """One outcome compared."""

    outcome: Outcome
    value: float | None
    """Rate of the exposed - rate of the others, both by the weights: 0.05 is five points."""
    reason: str | None
    """Why there is no value."""
    interval: Interval | None
    no_interval: str | None
    """Why there is a value and no interval."""
    exposed: float | None
    """Rate of the exposed that are compared, by the weights."""
    control: float | None
    """Rate of the others that are compared, by the same weights."""
    naive: float | None
    """Rate of all exposed - rate of all others, comparable or not. Shown to be warned of."""

    @property
    def seen(self) -> bool:
        """Whether it differs from zero by more than chance explains."""
        return self.interval is not None and self.interval.excludes_zero


class Study(NamedTuple):
    """A comparison with all that one needs to judge it."""

    lifts: Mapping[Outcome, Lift]
    matching: Matching
    weights: Weights
    exposed_n: int
    """Accounts compared."""
    control_n: int
    exposed_effective: float
    """As many accounts of equal size would tell as much."""
    control_effective: float
    crossed_n: int
    """Of all others, those touched inside the period: each draws the lift towards zero."""
    seed: int
    resamples: int
    dropped: tuple[str, ...] = ()
    """Dimensions that were asked for, and without which more could be compared."""
    unknown: tuple[str, ...] = ()
    """Those that were asked for, and are known of nobody."""

    def without(self, reason: str) -> "Study":
        """The same where there is nothing to compare yet."""
        return self._replace(lifts={outcome: one._replace(reason=reason) for outcome, one in self.lifts.items()})

    def weights_of(self) -> Mapping[Label, Fraction]:
        """w_s of each of the compared strata, by label."""
        whole = sum(cell.stratum.base(self.weights) for cell in self.matching.cells)
        return {cell.stratum.label: Fraction(cell.stratum.base(self.weights), whole) for cell in self.matching.cells}


class Drawing(NamedTuple):
    """How intervals are made: the same seed gives the same interval."""

    seed: int
    resamples: int = RESAMPLES
    level: float = LEVEL
    draws: Draws | None = None
    """What was drawn for other studies, and is drawn for this one; None: nothing is kept."""


def compare(panel: Panel, dimensions: Sequence[str], drawing: Drawing, share_min: Fraction = Fraction(0)) -> Study:
    """Compare the exposed with the others, matched on `dimensions`.

    With a `share_min` above zero the last dimensions are dropped as far as needed for so much of the exposed revenue to
    be comparable (`strata.fitting`). ValueError for a dimension that the units don't have.
    """
    known = [name for name in dimensions if not panel.unknown(name)] or dimensions[:1]
    sample = fitting(panel.sample(known), share_min)
    return study(sample, drawing)._replace(
        crossed_n=int(panel.crossed.sum()),
        dropped=tuple(known[len(sample.dimensions) :]),
        unknown=tuple(name for name in dimensions if name not in known),
    )


def study(sample: Sample, drawing: Drawing, weights: Weights = Weights.EXPOSED) -> Study:
    """The same of columns. Neither the units' order nor the names of strata change a figure."""
    matching = match(sample)
    cells = matching.cells
    effective = _effective(cells)
    reason = None if cells else NO_STRATUM
    thin = [f"{name} accounts are worth {n:.1f} of equal size" for name, n in effective.items() if n < EFFECTIVE_MIN]
    no_interval = f"{' and '.join(thin)}: at least {EFFECTIVE_MIN:g} are needed" if thin and cells else None
    resampling = Resampling(drawing.seed, drawing.resamples, drawing.draws or Draws())
    estimates = None if thin or not cells else resampling.lifts(cells, weights)
    bases, all_of = [cell.stratum.base(weights) for cell in cells], arms(sample)
    lifts = {}
    for place, outcome in enumerate(Outcome):
        exposed, control = _rates(cells, bases, place)
        lifts[outcome] = Lift(
            outcome,
            None if exposed is None or control is None else exposed - control,
            reason,
            None if estimates is None else interval(estimates[:, place], drawing.level, min(effective.values())),
            no_interval,
            exposed,
            control,
            _naive(*all_of, place),
        )
    return Study(
        lifts, matching, weights, sum(cell.stratum.exposed.n for cell in cells),
        sum(cell.stratum.control.n for cell in cells), effective["exposed"], effective["control"], 0, drawing.seed,
        drawing.resamples,
    )  # fmt: skip


def fraction(lift: Lift) -> Fraction:
    """Of what the exposed had of this outcome, the share that the measured lift accounts for, 0..1; for `attribution`.

    (rate exposed - rate control) / rate exposed, the attributable fraction among the exposed (Miettinen, American
    Journal of Epidemiology 99, 1974). Zero where the lift is not above zero by more than chance explains.
    """
    if not lift.seen or not lift.value or not lift.exposed or lift.value < 0.0:
        return Fraction(0)
    return min(Fraction(1), Fraction(lift.value / lift.exposed))


def _rates(cells: Sequence[Cell], bases: Sequence[int], place: int) -> tuple[float | None, float | None]:
    """Of an outcome, by what strata weigh, of the exposed and of the others. The sums are exact, whatever the order of
    strata, and each term is as near as a float can be.
    """
    whole = sum(bases)
    if not whole:
        return None, None
    exposed, control = (
        fsum(base * arm.amounts[1 + place] / arm.start for base, arm in zip(bases, some, strict=True))
        for some in ([cell.stratum.exposed for cell in cells], [cell.stratum.control for cell in cells])
    )
    return exposed / whole, control / whole


def _effective(cells: Sequence[Cell]) -> dict[str, float]:
    """A control account weighs as much as makes its stratum's controls as heavy as its exposed."""
    exposed = [cell.exposed.amounts[:, 0].astype(np.float64) for cell in cells]
    control = [
        cell.control.amounts[:, 0].astype(np.float64) * (cell.stratum.exposed.start / cell.stratum.control.start)
        for cell in cells
    ]
    return {"exposed": effective_n(exposed), "control": effective_n(control)}


def _naive(exposed: Arm, control: Arm, place: int) -> float | None:
    """Without any matching."""
    if not exposed.n or not control.n:
        return None
    return exposed.amounts[1 + place] / exposed.start - control.amounts[1 + place] / control.start
