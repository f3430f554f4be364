"""Which bootstrap interval of the lift covers the truth as often as it says, and which is the shortest of those?

    python -m benchmarks.intervals [RUNS] [ACCOUNTS]

RUNS (1,000) planted books of ACCOUNTS (1,500) accounts with a lift of 0.06. Of each the 95 % interval by every method
from 1,000 resamples within each arm of each stratum. Prints how often it covers 0.06 and its mean width. Methods:
`percentile` and `BCa` of n draws an arm, `studentised` of n draws (by linearised standard errors), `normal` (1.96 of
those, without resampling), `rescaled` (n - 1 draws), and `ours`: rescaled, deviations unshrunk, percentiles expanded.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from scorecard.bootstrap import LEVEL, RESAMPLES, Floats
from scorecard.lift import Drawing, study
from scorecard.strata import Cell, match
from scorecard.unit import Outcome
from streams.simulate.planted import plant

LIFT = 0.06
TAIL = (1.0 - LEVEL) / 2.0

Ends = tuple[float, float]


class Estimate(NamedTuple):
    """A lift of NRR and its linearised standard error, of the book or (as columns) of its resamples."""

    value: Floats
    error: Floats


def resample(rows: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Sums of start, end and their squares and product over RESAMPLES resamples, and of the rows themselves first."""
    start, end = rows.T
    columns = np.stack([start, end, start**2, end**2, start * end])
    count = len(rows)
    drawn = rng.integers(0, count, (RESAMPLES, draws)) + np.arange(0, RESAMPLES * count, count)[:, None]
    times = np.bincount(drawn.ravel(), minlength=RESAMPLES * count).reshape(RESAMPLES, count)
    sums = np.einsum("rn,kn->rk", times.astype(np.float64), columns) * (count / draws)
    return np.concatenate([columns.sum(axis=1)[None], sums])


def estimates(cells: Sequence[Cell], fewer: int, rng: np.random.Generator) -> Estimate:
    """The book first, then its resamples of `fewer` draws less than accounts."""
    value, whole, a, b, c = (np.zeros(1 + RESAMPLES) for _ in range(5))
    for cell in cells:
        n1, n0 = len(cell.exposed.amounts), len(cell.control.amounts)
        s1, e1, ss1, ee1, se1 = resample(cell.exposed.amounts[:, :2].astype(np.float64), n1 - fewer, rng).T
        s0, e0, ss0, ee0, se0 = resample(cell.control.amounts[:, :2].astype(np.float64), n0 - fewer, rng).T
        rate = e0 / s0
        value += e1 - rate * s1
        whole += s1
        # the variance of the lift L is (a - 2 L b + L^2 c) / whole^2
        a += n1 / (n1 - 1) * (ee1 - 2 * rate * se1 + rate**2 * ss1 - (e1 - rate * s1) ** 2 / n1)
        a += (s1 / s0) ** 2 * n0 / (n0 - 1) * (ee0 - 2 * rate * se0 + rate**2 * ss0)
        b += n1 / (n1 - 1) * (se1 - rate * ss1 - (e1 - rate * s1) * s1 / n1)
        c += n1 / (n1 - 1) * (ss1 - s1**2 / n1)
    lift = value / whole
    return Estimate(lift, np.sqrt(np.maximum(a - 2 * lift * b + lift**2 * c, 0.0)) / whole)


def skew(cells: Sequence[Cell], lift: float) -> float:
    """The acceleration of BCa from the empirical influence of each account (Efron 1987)."""
    cubes = squares = 0.0
    for cell in cells:
        (s1, e1), (s0, e0) = (rows[:, :2].astype(np.float64).T for rows in (cell.exposed.amounts, cell.control.amounts))
        rate = e0.sum() / s0.sum()
        pull = e1 - (rate + lift) * s1
        for influence in (pull - pull.mean(), -s1.sum() / s0.sum() * (e0 - rate * s0)):
            cubes += float((influence**3).sum())
            squares += float((influence**2).sum())
    return float(cubes / (6.0 * squares**1.5))


def by_every_method(cells: Sequence[Cell], rng: np.random.Generator) -> dict[str, Ends]:
    """The intervals of one book, but ours."""
    found = estimates(cells, 0, rng)
    point, error, drawn = float(found.value[0]), float(found.error[0]), found.value[1:]
    z = norm.ppf([TAIL, 1.0 - TAIL])
    bias = norm.ppf(np.clip(fmean(drawn < point), 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    corrected = norm.cdf(bias + (bias + z) / (1.0 - skew(cells, point) * (bias + z)))
    known = found.error[1:] > 0.0
    t = np.quantile((drawn[known] - point) / found.error[1:][known], [1.0 - TAIL, TAIL])
    rescaled = estimates(cells, 1, rng).value[1:]
    return {
        "normal": _ends(point + z * error),
        "percentile": _ends(np.quantile(drawn, [TAIL, 1.0 - TAIL])),
        "BCa": _ends(np.quantile(drawn, corrected)),
        "studentised": _ends(point - t * error),
        "rescaled": _ends(np.quantile(rescaled, [TAIL, 1.0 - TAIL])),
    }


def _ends(pair: Floats) -> Ends:
    return float(pair[0]), float(pair[1])


def main(runs: int = 1_000, accounts: int = 1_500) -> None:
    """Print a line a method."""
    intervals: dict[str, list[Ends]] = defaultdict(list)
    for seed in range(runs):
        sample = plant(seed, accounts, LIFT).sample()
        ours = study(sample, Drawing(seed)).lifts[Outcome.NRR].interval
        if ours is None:
            continue
        for method, ends in by_every_method(match(sample).cells, np.random.default_rng(seed)).items():
            intervals[method].append(ends)
        intervals["ours"].append((ours.low, ours.high))
    for method, found in intervals.items():
        covers = fmean(low <= LIFT <= high for low, high in found)
        width = fmean(high - low for low, high in found)
        print(json.dumps({"method": method, "covers": round(covers, 4), "width": round(width, 4), "books": len(found)}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
