"""The bootstrap by account, within each arm of each stratum.

An arm of n accounts is drawn anew by n - 1 draws with replacement, each of which counts n / (n - 1) times: with n draws
the spread of small arms would come out too small by (n - 1) / n. Source: Rao and Wu, "Resampling inference with complex
survey data", Journal of the American Statistical Association 83, 1988. That its percentile interval covers what it
says, and others less or at greater width, docs/adr/0010 shows.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1_000
"""The ends of a 95 % interval then lie on the 25th draw from either side: their own chance is a tenth of its width."""
LEVEL = 0.95

DRAWS_AT_ONCE = 2_000_000
"""Draws held in memory at once: some 50 MB, whatever the number of accounts."""


class Interval(NamedTuple):
    """Where the truth lies with the probability `level`, and the spread it comes from."""

    low: float
    high: float
    level: float
    standard_error: float

    @property
    def excludes_zero(self) -> bool:
        """Whether chance alone is an unlikely reason for what was seen."""
        return self.low > 0.0 or self.high < 0.0


def resampled_sums(rows: NDArray[np.int64], resamples: int, rng: np.random.Generator) -> Floats:
    """Sums of the columns over `resamples` draws of the accounts (rows), each by rescaled draws with replacement.

    Memory is bounded, since draws are made block by block.
    """
    count = len(rows)
    columns = np.ascontiguousarray(unshrunk(rows.astype(np.float64)).T)
    sums = np.empty((resamples, len(columns)))
    block = max(1, DRAWS_AT_ONCE // count)
    for first in range(0, resamples, block):
        size = min(block, resamples - first)
        drawn = rng.integers(0, count, (size, count - 1))
        drawn += np.arange(0, size * count, count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)
        # Not by matrix product: its library's threads would spin on cores that others need, for sums that are cheap.
        sums[first : first + size] = np.einsum("rn,kn->rk", times.astype(np.float64), columns)
    return sums * (count / (count - 1))


def unshrunk(values: Floats) -> Floats:
    """The accounts (rows) of an arm with their deviations as large as they truly are; the arm's rates stay.

    The first column is the revenue at the start. A large account draws its arm's rate towards itself, so that it seems
    to deviate less: by the root of 1 - its share of the arm's revenue, which is undone here. Source: Davison and
    Hinkley, Bootstrap Methods and Their Application, 1997, 6.2.3 (modified residuals), of the ratio estimator.
    """
    start = values[:, :1]
    share = start / start.sum()
    rates = values.sum(axis=0) / start.sum()
    deviations = (values - rates * start) / np.sqrt(1.0 - share)
    deviations -= share * deviations.sum(axis=0)
    return np.asarray(rates * start + deviations)


def interval(estimates: Floats, level: float, accounts: float) -> Interval:
    """The expanded percentile interval of the resampled estimates; `accounts`: what the smaller arm is worth.

    Percentiles are those by which Student's t is wider than a normal distribution, since quantiles of few accounts lie
    too close together. Source: Hesterberg, "What teachers should know about the bootstrap", The American Statistician
    69, 2015.
    """
    from scipy.stats import t as student  # noqa: PLC0415 - takes a second, which few commands have a use for

    tail = NormalDist().cdf(float(student.ppf((1.0 - level) / 2.0, accounts - 1.0)))
    low, high = np.quantile(estimates, (tail, 1.0 - tail))
    return Interval(float(low), float(high), level, float(estimates.std(ddof=1)))


def effective_n(weights: Sequence[Floats]) -> float:
    """Kish's effective number of accounts, (sum of weights)^2 / sum of squares: as many equal ones tell as much."""
    flat = np.concatenate(weights) if weights else np.zeros(1)
    squares = float((flat**2).sum())
    return float(flat.sum()) ** 2 / squares if squares else 0.0
