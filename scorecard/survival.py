"""Waiting times of which some have not ended: Kaplan and Meier's estimate, by scipy."""

from collections.abc import Mapping
from fractions import Fraction
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)

ROUNDING = 1e-9
"""A survival of one half is at most one half, whatever the last bits of its product say."""

Numbers = NDArray[np.float64]


class Waiting(NamedTuple):
    """A quantile of waiting times in days, with its 95 % interval; None where the estimate does not reach it."""

    days: float | None
    low: float | None
    high: float | None


def quantile(ended: Mapping[int, int], waiting: Mapping[int, int], share: Fraction) -> Waiting:
    """The first day on which the estimated share still waiting is at most 1 - share.

    ended, waiting: days -> how many waited so long until it came, or until they were last looked at (censored). The
    interval: where the limits of the survival function (Greenwood, log-log) cross the same height (R. Brookmeyer and
    J. Crowley, "A confidence interval for the median survival time", Biometrics 38, 1982).

    >>> quantile({2: 1, 4: 1, 6: 1}, {3: 1}, Fraction(1, 2)).days
    4.0
    """
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415 - takes a second, which few commands have a use for

    if not ended:
        return Waiting(None, None, None)
    found = ecdf(CensoredData(uncensored=_repeated(ended), right=_repeated(waiting))).sf
    days, survival = found.quantiles, found.probabilities
    low, high = _limits(days, survival, ended, waiting)
    height = 1.0 - float(share) + ROUNDING
    return Waiting(*(_first(days, curve, height) for curve in (survival, low, high)))


def _repeated(counts: Mapping[int, int]) -> Numbers:
    days = sorted(counts)
    return np.repeat(np.array(days, dtype=np.float64), [counts[day] for day in days])


def _limits(
    days: Numbers, survival: Numbers, ended: Mapping[int, int], waiting: Mapping[int, int]
) -> tuple[Numbers, Numbers]:
    """The lower and the upper limit of a survival function; where it is 1 or 0, it has none of its own."""
    came = np.array([ended.get(int(day), 0) for day in days], dtype=np.float64)
    left = came + np.array([waiting.get(int(day), 0) for day in days], dtype=np.float64)
    at_risk = left[::-1].cumsum()[::-1]
    inside = (survival > ROUNDING) & (survival < 1.0)
    terms = np.divide(came, at_risk * (at_risk - came), out=np.zeros_like(came), where=at_risk > came)
    spread = np.sqrt(terms.cumsum())
    logs = np.log(survival, out=np.full_like(survival, -1.0), where=inside)
    widen = np.exp(_Z * spread / -logs)
    neither = np.where(survival >= 1.0, 1.0, np.nan)
    return np.where(inside, survival**widen, neither), np.where(inside, survival ** (1.0 / widen), neither)


def _first(days: Numbers, survival: Numbers, height: float) -> float | None:
    reached = np.nonzero(survival <= height)[0]  # nan is never reached
    return float(days[reached[0]]) if reached.size else None
