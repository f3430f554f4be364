"""C3, C4 and C5: how exposed accounts fared against comparable ones that were not exposed.

The lift is the sum over strata of w_s (rate of the exposed - rate of the others), where a rate is a ratio of sums of
money: that of NRR is end / start. Only strata with both arms can be compared; the others are listed, and the share of
the exposed revenue that is compared is told with the lift.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import numpy as np

from scorecard.bootstrap import LEVEL, RESAMPLES, Floats, Interval, effective_n, interval, resampled_sums
from scorecard.sample import Sample
from scorecard.strata import Cell, Matching, Stratum, fitting, match
from scorecard.unit import Outcome, Unit

EFFECTIVE_MIN = 10.0
"""Accounts of equal size that an arm must be worth: below, a few large ones make the figure, and no interval holds."""

NO_STRATUM = "no stratum has both exposed accounts and others"


class Weights(StrEnum):
    """What a stratum weighs, by revenue at the start: w_s = its revenue / that of all strata compared."""

    EXPOSED = "exposed"
    """Revenue of its exposed accounts: what exposure went with for those who were exposed."""
    ALL = "all"
    """Revenue of both arms: what it would be if everybody were exposed."""


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

    def without(self, reason: str) -> "Study":
        """The same where there is nothing to compare yet."""
        return self._replace(lifts={outcome: one._replace(reason=reason) for outcome, one in self.lifts.items()})

    def weight(self, stratum: Stratum) -> Fraction:
        """w_s of one of the compared strata."""
        return Fraction(
            _base(stratum, self.weights), sum(_base(cell.stratum, self.weights) for cell in self.matching.cells)
        )


def study(
    units: Sequence[Unit], dimensions: Sequence[str], *, seed: int, weights: Weights = Weights.EXPOSED,
    resamples: int = RESAMPLES, level: float = LEVEL, share_min: Fraction = Fraction(0),
) -> Study:  # fmt: skip
    """Compare the exposed units with the others, matched on `dimensions`; the same seed gives the same interval.

    With a `share_min` above zero the last dimensions are dropped as far as needed for so much of the exposed revenue to
    be comparable (`strata.fitting`). Neither the units' order nor the names of strata and entities change a figure.
    ValueError for a unit that lacks a dimension.
    """
    sample = fitting(Sample.of(units, dimensions), share_min)
    found = study_sample(sample, seed=seed, weights=weights, resamples=resamples, level=level)
    crossed = sum(unit.crossed for unit in units)
    return found._replace(crossed_n=crossed, dropped=tuple(dimensions[len(sample.dimensions) :]))


def study_sample(
    sample: Sample, *, seed: int, weights: Weights = Weights.EXPOSED, resamples: int = RESAMPLES, level: float = LEVEL
) -> Study:
    """The same of columns."""
    matching = match(sample)
    cells = matching.cells
    effective = _effective(cells)
    reason = None if cells else NO_STRATUM
    thin = [f"{name} accounts are worth {n:.1f} of equal size" for name, n in effective.items() if n < EFFECTIVE_MIN]
    no_interval = f"{' and '.join(thin)}: at least {EFFECTIVE_MIN:g} are needed" if thin and cells else None
    estimates = None if thin or not cells else _resampled(cells, weights, resamples, np.random.default_rng(seed))
    lifts = {}
    for place, outcome in enumerate(Outcome):
        exposed, control = _rates(cells, weights, outcome)
        lifts[outcome] = Lift(
            outcome,
            None if exposed is None or control is None else exposed - control,
            reason,
            None if estimates is None else interval(estimates[:, place], level, min(effective.values())),
            no_interval,
            exposed,
            control,
            _naive(sample, place),
        )
    return Study(
        lifts, matching, weights, sum(cell.stratum.exposed.n for cell in cells),
        sum(cell.stratum.control.n for cell in cells), effective["exposed"], effective["control"], 0, seed, resamples,
    )  # fmt: skip


def by_programme(
    units: Sequence[Unit], dimensions: Sequence[str], *, seed: int, weights: Weights = Weights.EXPOSED,
    resamples: int = RESAMPLES, level: float = LEVEL,
) -> Iterator[tuple[str, Study]]:  # fmt: skip
    """C5: of each programme, by name, those exposed to it against those exposed to none.

    Who was in several programmes counts for each of them, so that these lifts don't add up.
    """
    sample, crossed = Sample.of(units, dimensions), sum(unit.crossed for unit in units)
    for programme in sorted({name for unit in units for name in unit.programmes}):
        compared = np.array([not unit.exposed or programme in unit.programmes for unit in units], np.bool_)
        found = study_sample(sample.part(compared), seed=seed, weights=weights, resamples=resamples, level=level)
        yield programme, found._replace(crossed_n=crossed)  # who crossed is not exposed, and so in all of them


def fraction(lift: Lift) -> Fraction:
    """Of what the exposed had of this outcome, the share that the measured lift accounts for, 0..1; for `attribution`.

    (rate exposed - rate control) / rate exposed, the attributable fraction among the exposed (Miettinen, American
    Journal of Epidemiology 99, 1974). Zero where the lift is not above zero by more than chance explains.
    """
    if not lift.seen or not lift.value or not lift.exposed or lift.value < 0.0:
        return Fraction(0)
    return min(Fraction(1), Fraction(lift.value / lift.exposed))


def _base(stratum: Stratum, weights: Weights) -> int:
    """What the stratum weighs before weights are scaled to one."""
    return stratum.exposed.start + (stratum.control.start if weights is Weights.ALL else 0)


def _rates(cells: Sequence[Cell], weights: Weights, outcome: Outcome) -> tuple[float | None, float | None]:
    """By the weights, of the exposed and of the others. The sums are exact, whatever the order of strata."""
    whole = sum(_base(cell.stratum, weights) for cell in cells)
    if not whole:
        return None, None
    exposed: list[float] = []
    control: list[float] = []
    for stratum in (cell.stratum for cell in cells):
        base = _base(stratum, weights)
        for arm, terms in ((stratum.exposed, exposed), (stratum.control, control)):
            rate = arm.rate(outcome)
            assert rate is not None
            terms.append(float(base * rate))
    return fsum(exposed) / whole, fsum(control) / whole


def _resampled(cells: Sequence[Cell], weights: Weights, resamples: int, rng: np.random.Generator) -> Floats:
    """Lifts of all outcomes, a row each resample. Strata are added up one by one: memory does not grow with them."""
    weighted = np.zeros((resamples, len(Outcome)))
    whole = np.zeros((resamples, 1))
    for cell in cells:
        exposed = resampled_sums(cell.exposed, resamples, rng)
        control = resampled_sums(cell.control, resamples, rng)
        base = exposed[:, :1] + (control[:, :1] if weights is Weights.ALL else 0.0)
        weighted += base * (exposed[:, 1:] / exposed[:, :1] - control[:, 1:] / control[:, :1])
        whole += base
    return weighted / whole


def _effective(cells: Sequence[Cell]) -> dict[str, float]:
    """A control account weighs as much as makes its stratum's controls as heavy as its exposed."""
    exposed = [cell.exposed[:, 0].astype(np.float64) for cell in cells]
    control = [
        cell.control[:, 0].astype(np.float64) * (cell.stratum.exposed.start / cell.stratum.control.start)
        for cell in cells
    ]
    return {"exposed": effective_n(exposed), "control": effective_n(control)}


def _naive(sample: Sample, place: int) -> float | None:
    """Without any matching."""
    rates = []
    for arm in (sample.exposed, ~sample.exposed):
        start = int(sample.amounts[arm, 0].sum())
        if not start:
            return None
        rates.append(int(sample.amounts[arm, 1 + place].sum()) / start)
    return rates[0] - rates[1]
