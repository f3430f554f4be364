"""How alike the two arms are, before matching and after: shown with every lift.

The standardised mean difference is (mean exposed - mean control) / sqrt((variance exposed + variance control) / 2); the
variances are those before matching, so that the two columns can be compared. Means are weighted as the lift is, by
revenue at the start. Source: Austin, "An introduction to propensity score methods", Multivariate Behavioral Research
46, 2011.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.bootstrap import Floats
from scorecard.column import Column
from scorecard.lift import Study
from scorecard.panel import START, Panel

SMD_MAX = 0.1
"""Beyond, a difference is named: the usual border (Austin 2011)."""
SMD_BROKEN = 0.25
"""Beyond, the arms are not comparable (What Works Clearinghouse, Standards Handbook 5.0, baseline equivalence)."""


MONEY = frozenset({START})
"""Covariates that are amounts."""


class Balance(NamedTuple):
    """One property: a number, or the share of one value of a dimension."""

    name: str
    """"tenure_days", or "segment=smb"."""
    exposed: float
    """Mean of the exposed that are compared; of money (see MONEY) in minor units."""
    control: float | None
    """Mean of the others that are compared, by the weights of the lift; None where nobody is."""
    before: float | None
    """Standardised difference of all exposed and all others; None where an arm is empty, or nothing varies
    within the arms and yet they differ."""
    after: float | None
    """The same of those compared, by the weights."""

    @property
    def balanced(self) -> bool:
        """After matching; what is not known is not balanced."""
        return self.after is not None and abs(self.after) <= SMD_MAX

    @property
    def broken(self) -> bool:
        """The arms still differ so much that they can't be compared."""
        return self.after is not None and abs(self.after) > SMD_BROKEN


def balance(panel: Panel, study: Study) -> list[Balance]:
    """Of every covariate and every value of every dimension of the units, those not matched on included, by name.

    A unit of which a covariate isn't known is left out of that row.
    """
    exposed, start = panel.exposed, panel.amounts[:, 0].astype(np.float64)
    matched = start * _factors(panel, study)
    arms = tuple(_Arm(start[arm], matched[arm], arm) for arm in (exposed, ~exposed))
    rows = [_of_number(name, values, arms) for name, values in {**panel.covariates, START: start}.items()]
    rows += [row for name, column in panel.strata.items() for row in _of_values(name, column, arms)]
    return sorted((row for row in rows if row is not None), key=lambda row: row.name)


class _Arm(NamedTuple):
    """One of the two."""

    before: Floats
    """What each unit weighs before matching."""
    after: Floats
    """After it; 0 where it is not compared."""
    rows: NDArray[np.bool_]


_Arms = tuple[_Arm, ...]
"""The exposed, and the others."""


class _Side(NamedTuple):
    """Of one property in one arm; NaN where nothing weighs."""

    before: float
    after: float
    spread: float
    """Weighted variance before matching; 0 where nothing weighs."""


def _factors(panel: Panel, study: Study) -> Floats:
    """By what a unit's revenue counts, so that both arms of a stratum weigh what it weighs; 0 where not compared."""
    sample = panel.sample(study.matching.dimensions)
    places = {label: place for place, label in enumerate(sample.labels)}
    factors = np.zeros((len(places), 2))
    for cell in study.matching.cells:
        base = cell.stratum.base(study.weights)
        factors[places[cell.stratum.label]] = base / cell.stratum.control.start, base / cell.stratum.exposed.start
    return factors[sample.stratum, sample.exposed.astype(np.int64)]


def _of_number(name: str, values: Floats, arms: _Arms) -> Balance | None:
    """None where it is known of nobody."""
    known = ~np.isnan(values)
    if not known.any():
        return None
    sides = []
    for arm in arms:
        of_arm = known[arm.rows]
        of, before, after = values[arm.rows][of_arm], arm.before[of_arm], arm.after[of_arm]
        mean = _mean(of, before)
        sides.append(_Side(mean, _mean(of, after), 0.0 if np.isnan(mean) else _mean((of - mean) ** 2, before)))
    return _row(name, *sides)


def _of_values(name: str, column: Column[str], arms: _Arms) -> Iterator[Balance]:
    """Of the share of each value: its weighted variance is share * (1 - share)."""
    sides = []
    for arm in arms:
        places = column.places[arm.rows]
        before, after = (
            np.bincount(places, weights, len(column.values)) / (weights.sum() or np.nan)
            for weights in (arm.before, arm.after)
        )
        sides.append((before, after, np.nan_to_num(before * (1.0 - before))))
    for place in np.unique(column.places):
        both = (_Side(*(float(one[place]) for one in side)) for side in sides)
        yield _row(f"{name}={column.values[place]}", *both)


def _row(name: str, exposed: _Side, control: _Side) -> Balance:
    pooled = ((exposed.spread + control.spread) / 2.0) ** 0.5

    def standardised(pair: tuple[float, float]) -> float | None:
        if np.isnan(pair).any():
            return None
        if pair[0] == pair[1]:
            return 0.0
        return (pair[0] - pair[1]) / pooled if pooled > 0.0 else None

    before, after = (exposed.before, control.before), (exposed.after, control.after)
    return Balance(name, after[0], None if np.isnan(after[1]) else after[1], standardised(before), standardised(after))


def _mean(values: Floats, weights: Floats) -> float:
    """NaN where nothing weighs."""
    whole = float(weights.sum())
    return float((values * weights).sum()) / whole if whole else float("nan")
