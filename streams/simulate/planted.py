"""Accounts with a planted lift, and a confounder that makes the naive comparison wrong.

Larger, older accounts with more products are touched more often by customer programmes, and they would renew and grow
more anyway: whoever compares exposed accounts with all others sees a lift where there is none. Within a stratum
exposure is chance, and it adds exactly `lift` to what is to be expected of end / start. `hidden` makes also a taste,
which nothing shows, drive both: then no matching on what is known helps, and a placebo test must say so.

Columns of numpy, so that hundreds of such books are drawn in seconds; `streams/simulate/lift.py` tells one as events.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scorecard.sample import Sample
from scorecard.strata import TENURE_DAYS, band

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SEGMENTS = ("smb", "mid_market", "enterprise")
SEGMENT_SHARES = (0.6, 0.3, 0.1)
INDUSTRIES = ("finance", "healthcare", "retail", "software")
PROGRAMMES = ("academy", "community", "council")
DIMENSIONS = ("segment", "product", "tenure")
"""The confounder is what these say together."""

ARR_MEDIAN = (8_000, 25_000, 70_000)
"""By segment, in currency units a year."""
ARR_SIGMA = 0.7
ARR_STEP = 1_000
"""Every share and every step of revenue of such an amount is a whole number of currency units."""
CENTS = 100
SECOND_PRODUCT = (0.1, 0.3, 0.6)
"""Share of accounts with two products, by segment."""
TENURE_MIN_DAYS, TENURE_MAX_DAYS = 60, 2_200
BEFORE_DAYS = 90 + 365
"""The placebo period, a year, begins so long before the period, and ends before the touchpoints that count."""

CHURN = (0.30, 0.16, 0.08)
"""By segment, of an account with one product in its first year."""
GROWS = (0.06, 0.12, 0.24)
SHRINKS = 0.08
BOOST = 0.25
"""Exposure adds a quarter of the starting revenue, to so many accounts that the planted lift is to be expected."""
CROSSED = 0.3
"""Of accounts that aren't exposed: touched inside the period, which changes nothing for them."""


class Planted(NamedTuple):
    """A row an account; money in cents."""

    seed: int
    lift: float
    segment: Ints
    industry: Ints
    products: Ints
    """One or two."""
    tenure_days: Ints
    before: Ints
    """Revenue when the placebo period begins; zero for who was no customer yet."""
    start: Ints
    end: Ints
    programmes: Bools
    """A column each of PROGRAMMES: touched before the period."""
    crossed: Bools

    @property
    def exposed(self) -> Bools:
        """Touched before the period by any programme."""
        return np.asarray(self.programmes.any(axis=1))

    def sample(self) -> Sample:
        """The period itself."""
        return self._sample(self.start, self.end, np.ones(len(self.start), np.bool_))

    def placebo(self) -> Sample:
        """The year before any touchpoint: exposure can't have done anything yet."""
        return self._sample(self.before, self.start, self.before > 0)

    def _sample(self, start: Ints, end: Ints, rows: Bools) -> Sample:
        start, end = start[rows], end[rows]
        kept, lost = np.minimum(start, end), np.maximum(start - end, 0)
        left = np.where(end == 0, start, 0)
        amounts = np.stack([start, end, kept, np.maximum(end - start, 0), lost - left, left], axis=1)
        tenure = np.searchsorted(TENURE_DAYS, self.tenure_days, side="right")
        labels = tuple(
            (segment, products, band(days, TENURE_DAYS))
            for segment in SEGMENTS
            for products in ("core", "core+planning")
            for days in (0, *TENURE_DAYS)
        )
        stratum = (self.segment * 2 + self.products - 1) * 3 + tenure
        return Sample(amounts, self.exposed[rows], stratum[rows], labels, DIMENSIONS)


def plant(seed: int, accounts: int, lift: float, *, hidden: float = 0.0) -> Planted:
    """Draw the accounts; the same seed draws the same. ValueError for a lift that is not within 0..BOOST.

    `hidden`: how much the taste moves both exposure and growth, 0..1.
    """
    if not 0.0 <= lift <= BOOST:
        raise ValueError(f"lift={lift:g}: must be from 0 to {BOOST:g}")
    rng = np.random.default_rng((seed, accounts))
    segment = rng.choice(len(SEGMENTS), accounts, p=SEGMENT_SHARES)
    products = 1 + (rng.random(accounts) < np.array(SECOND_PRODUCT)[segment])
    tenure_days = rng.integers(TENURE_MIN_DAYS, TENURE_MAX_DAYS, accounts)
    tenure = np.searchsorted(TENURE_DAYS, tenure_days, side="right")
    taste = hidden * rng.choice((-1.0, 1.0), accounts)

    median = np.array(ARR_MEDIAN)[segment] * np.where(products == 2, 1.4, 1.0)
    first = np.maximum(1, np.round(median * rng.lognormal(0.0, ARR_SIGMA, accounts) / ARR_STEP)).astype(np.int64)
    before = np.where(tenure_days > BEFORE_DAYS, first * ARR_STEP * CENTS, 0)
    likes = 0.12 + 0.14 * segment + 0.18 * (products - 1) + 0.08 * tenure + 0.25 * taste
    exposed = rng.random(accounts) < np.clip(likes, 0.03, 0.9)

    grows = np.clip(np.array(GROWS)[segment] * (0.7 + 0.4 * tenure + 0.5 * (products - 1)) + 0.2 * taste, 0.0, 0.6)
    churns = np.array(CHURN)[segment] / (1.0 + 0.5 * tenure + 0.5 * (products - 1))
    prior = np.where(before > 0, _tenths(rng, np.zeros(accounts), grows), 10)
    start = first * ARR_STEP // 10 * prior // ARR_STEP * ARR_STEP * CENTS
    start = np.maximum(start, ARR_STEP * CENTS)
    end = start // 10 * _tenths(rng, churns, grows)
    end += np.where(exposed & (rng.random(accounts) < lift / BOOST), start // 4, 0)
    return Planted(
        seed, lift, segment, rng.integers(0, len(INDUSTRIES), accounts), products, tenure_days, before, start, end,
        _programmes(rng, exposed), ~exposed & (rng.random(accounts) < CROSSED),
    )  # fmt: skip


def _tenths(rng: np.random.Generator, churns: NDArray[np.float64], grows: NDArray[np.float64]) -> Ints:
    """End in tenths of the start: 0 for who leaves, 5 to 9 for who shrinks, 11 to 15 for who grows, else 10."""
    chance, step = rng.random(len(grows)), rng.integers(1, 6, len(grows))
    return np.select(
        [chance < churns, chance < churns + SHRINKS, chance >= 1.0 - grows],
        [np.zeros_like(step), 10 - step, 10 + step],
        10,
    ).astype(np.int64)


def _programmes(rng: np.random.Generator, exposed: Bools) -> Bools:
    """One programme for each who is exposed, and others besides by chance."""
    one = rng.integers(0, len(PROGRAMMES), len(exposed))[:, None] == np.arange(len(PROGRAMMES))
    more = rng.random(one.shape) < 0.2
    return np.asarray((one | more) & exposed[:, None], np.bool_)
