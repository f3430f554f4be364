"""How alike the two arms are, before matching and after: shown with every lift.

The standardised mean difference is (mean exposed - mean control) / sqrt((variance exposed + variance control) / 2); the
variances are those before matching, so that the two columns can be compared. Means are weighted as the lift is, by
revenue at the start. Source: Austin, "An introduction to propensity score methods", Multivariate Behavioral Research
46, 2011.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.bootstrap import Floats
from scorecard.lift import Study, Weights
from scorecard.sample import Label
from scorecard.unit import Unit

SMD_MAX = 0.1
"""Beyond, a difference is named: the usual border (Austin 2011)."""
SMD_BROKEN = 0.25
"""Beyond, the arms are not comparable (What Works Clearinghouse, Standards Handbook 5.0, baseline equivalence)."""


MONEY = frozenset({"start"})
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


def balance(units: Sequence[Unit], study: Study) -> list[Balance]:
    """Of every covariate and every value of every dimension of the units, those not matched on included, by name.

    A unit of which a covariate isn't known is left out of that row.
    """
    exposed = np.array([unit.exposed for unit in units], np.bool_)
    start = np.array([unit.start for unit in units], np.float64)
    matched = start * _factors(units, study)
    rows = []
    for name, values in sorted(_columns(units).items()):
        known = ~np.isnan(values)
        if known.any():
            rows.append(_row(name, values[known], exposed[known], start[known], matched[known]))
    return rows


def _factors(units: Sequence[Unit], study: Study) -> Floats:
    """By what a unit's revenue counts, so that both arms of a stratum weigh what it weighs; 0 where not compared."""
    arms: dict[Label, tuple[float, float]] = {}
    for cell in study.matching.cells:
        exposed, control = cell.stratum.exposed.start, cell.stratum.control.start
        base = exposed + (control if study.weights is Weights.ALL else 0)
        arms[cell.stratum.label] = base / control, base / exposed
    labels = (tuple(unit.strata[name] for name in study.matching.dimensions) for unit in units)
    return np.array(
        [arms.get(label, (0.0, 0.0))[unit.exposed] for unit, label in zip(units, labels, strict=True)], np.float64
    )


def _columns(units: Sequence[Unit]) -> Mapping[str, Floats]:
    columns: dict[str, Floats] = {}
    for name in dict.fromkeys(name for unit in units for name in unit.covariates):
        columns[name] = np.array([unit.covariates.get(name, np.nan) for unit in units], np.float64)
    for name in dict.fromkeys(name for unit in units for name in unit.strata):
        places: dict[str | None, int] = {}
        of_units = np.array([places.setdefault(unit.strata.get(name), len(places)) for unit in units], np.int64)
        for category, place in places.items():
            if category is not None:
                columns[f"{name}={category}"] = (of_units == place).astype(np.float64)
    return columns


def _row(name: str, values: Floats, arm: NDArray[np.bool_], start: Floats, matched: Floats) -> Balance:
    other = ~arm
    before = _mean(values[arm], start[arm]), _mean(values[other], start[other])
    after = _mean(values[arm], matched[arm]), _mean(values[other], matched[other])
    spread = _spread(values[arm], start[arm], before[0]), _spread(values[other], start[other], before[1])
    pooled = ((spread[0] + spread[1]) / 2.0) ** 0.5

    def standardised(pair: tuple[float, float]) -> float | None:
        if np.isnan(pair).any():
            return None
        if pair[0] == pair[1]:
            return 0.0
        return (pair[0] - pair[1]) / pooled if pooled > 0.0 else None

    return Balance(name, after[0], None if np.isnan(after[1]) else after[1], standardised(before), standardised(after))


def _mean(values: Floats, weights: Floats) -> float:
    """NaN where nothing weighs."""
    whole = float(weights.sum())
    return float((values * weights).sum()) / whole if whole else float("nan")


def _spread(values: Floats, weights: Floats, mean: float) -> float:
    """Weighted variance; 0 where nothing weighs."""
    return 0.0 if np.isnan(mean) else _mean((values - mean) ** 2, weights)
