"""Kaplan and Meier by hand, and the interval against scipy's own."""

import warnings
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

from scorecard.survival import quantile

COUNTS = st.dictionaries(st.integers(0, 60), st.integers(1, 9), max_size=12)


def test_a1_the_example_of_a_textbook() -> None:
    """A1. Remission times of 21 patients on 6-MP (Freireich et al., Blood 21, 1963), + is censored: 6 6 6 6+ 7 9+ 10
    10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+. Survival at 22: 0.538, at 23: 0.448, so the median is 23 weeks.
    """
    ended = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
    waiting = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}
    found = quantile(ended, waiting, Fraction(1, 2))
    assert (found.days, found.low, found.high) == (23, 13, None)  # the upper limit never comes down to one half
    assert quantile(ended, waiting, Fraction(3, 4)).days is None


def test_a1_without_anybody_there_is_nothing_to_say() -> None:
    assert quantile({}, {5: 3}, Fraction(1, 2)) == (None, None, None)


def test_a1_a_single_one_has_no_interval() -> None:
    assert quantile({5: 1}, {}, Fraction(1, 2)) == (5, None, None)


@given(ended=COUNTS.filter(bool), waiting=COUNTS)
def test_a1_the_limits_are_those_of_scipy_where_scipy_has_any(ended: dict[int, int], waiting: dict[int, int]) -> None:
    days = {
        name: np.repeat([*counts], [*counts.values()]).astype(float) for name, counts in (("e", ended), ("w", waiting))
    }
    curve = ecdf(CensoredData(uncensored=days["e"], right=days["w"])).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where survival is 0 or 1 scipy has no limits, and says so
        limits = curve.confidence_interval(method="log-log")
    for share in (Fraction(1, 2), Fraction(3, 4)):
        found, height = quantile(ended, waiting, share), 1 - float(share) + 1e-9
        reached = [day for day, at in zip(curve.quantiles, curve.probabilities, strict=True) if at <= height]
        assert found.days == (reached[0] if reached else None)
        upper = [day for day, at in zip(limits.high.quantiles, limits.high.probabilities, strict=True) if at <= height]
        assert found.high == (upper[0] if upper else None)
        if found.days is not None and found.low is not None:
            assert found.low <= found.days <= (found.high or found.days)
