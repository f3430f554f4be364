"""What a study could have seen: without that, "no difference seen" says nothing."""

from math import ceil
from statistics import NormalDist

from scorecard.bootstrap import Interval

POWER = 0.8
"""Chance of seeing a difference that is there; the usual one (Cohen, Statistical Power Analysis, 1988)."""


def smallest_lift(interval: Interval, power: float = POWER) -> float:
    """The smallest true lift whose interval would have excluded zero with the probability `power`, either sign.

    (z of the level + z of the power) * standard error: 2.8 standard errors at 95 % and 80 %.

    >>> round(smallest_lift(Interval(-0.1, 0.1, 0.95, 0.05)), 4)
    0.1401
    """
    normal = NormalDist()
    return (normal.inv_cdf((1.0 + interval.level) / 2.0) + normal.inv_cdf(power)) * interval.standard_error


def accounts_for(lift: float, interval: Interval, accounts: int, power: float = POWER) -> int:
    """Accounts that would be needed to see a true `lift` with the probability `power`, were they like these `accounts`.

    The standard error falls with the square root of their number. ValueError for a lift of zero, which nobody can see.

    >>> accounts_for(0.07, Interval(-0.1, 0.1, 0.95, 0.05), 1_000)
    4005
    """
    if lift == 0.0:
        raise ValueError("lift=0: no number of accounts shows it")
    return ceil(accounts * (smallest_lift(interval, power) / abs(lift)) ** 2)
