"""C8: forecasts, and what is said where there is too little to go by."""

from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.forecast import HORIZON_MAX, NAIVE, ORIGIN_MIN, POINTS_MIN, forecast

QUARTERS = [1.02, 1.05, 1.03, 1.06, 1.04, 1.07, 1.05, 1.04]


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ([], "0 periods are known: at least 8 are needed"),
        (QUARTERS[1:], "7 periods are known: at least 8 are needed"),
        ([*QUARTERS, None, 1.02], "1 periods are known, after the last gap of 10: at least 8 are needed"),
    ],
)
def test_c8_too_few_points_give_no_forecast_but_a_reason(series: list[float | None], reason: str) -> None:
    found = forecast(series)
    assert (found.steps, found.method, found.accuracy, found.reason) == ((), None, None, reason)


def test_c8_a_series_that_never_moved_is_foretold_to_stay() -> None:
    found = forecast([1.1] * 10, ahead=2)
    assert found.method == NAIVE
    assert [(step.value, step.low, step.high) for step in found.steps] == [(1.1, 1.1, 1.1)] * 2
    assert found.accuracy is not None
    assert (found.accuracy.origins, found.accuracy.error, found.accuracy.better) == (6, 0.0, False)


def test_c8_the_naive_error_is_the_mean_step_by_hand() -> None:
    # origins 5 to 8: |1.04 - 1.06|, |1.07 - 1.04|, |1.05 - 1.07|, |1.04 - 1.05| = 0.02, 0.03, 0.02, 0.01
    found = forecast(QUARTERS)
    assert found.accuracy is not None
    assert found.accuracy.naive_error == pytest.approx(0.02)
    assert found.accuracy.origins == len(QUARTERS) - ORIGIN_MIN
    assert [step.naive for step in found.steps] == [1.04] * HORIZON_MAX


def test_c8_noise_about_a_mean_is_foretold_better_than_by_its_last_value() -> None:
    errors, naive = [], []
    for seed in range(10):
        series = 1.05 + np.random.default_rng(seed).normal(0.0, 0.02, 17)
        step = forecast(list(series[:16]), ahead=1).steps[0]
        errors.append(abs(step.value - series[16]))
        naive.append(abs(step.naive - series[16]))
    assert fmean(errors) < fmean(naive)


def test_c8_a_steady_trend_is_followed() -> None:
    series = [1.0 + 0.01 * place + 0.001 * (place % 2) for place in range(16)]
    found = forecast(series, ahead=1)
    assert found.method == "theta"
    assert found.accuracy is not None
    assert found.accuracy.better
    assert found.steps[0].value > series[-1]


def test_c8_the_interval_holds_four_in_five_next_values() -> None:
    """Random walks of twelve quarters: the hardest series there is, since nothing beats the last value."""
    within = []
    for seed in range(30):
        series = 1.0 + np.cumsum(np.random.default_rng(seed).normal(0.0, 0.01, 13))
        step = forecast(list(series[:12]), ahead=1).steps[0]
        within.append(step.low <= series[12] <= step.high)
    assert 0.65 <= fmean(within) <= 0.95


def test_c8_what_cannot_be_foretold_is_refused() -> None:
    with pytest.raises(ValueError, match="ahead=5: from 1 to 4"):
        forecast(QUARTERS, ahead=5)
    with pytest.raises(ValueError, match="must be finite and not below 0"):
        forecast([*QUARTERS, float("nan")])


@settings(max_examples=20)
@given(st.lists(st.floats(0.0, 5.0), min_size=POINTS_MIN, max_size=16))
def test_c8_any_series_has_a_forecast_within_its_interval_that_widens(series: list[float]) -> None:
    found = forecast(series)
    assert len(found.steps) == HORIZON_MAX
    widths = [step.high - step.value for step in found.steps]
    assert widths == sorted(widths)
    for step in found.steps:
        assert 0.0 <= step.low <= step.value <= step.high
    assert found.accuracy is not None
    assert found.accuracy.covered is None or 0.0 <= found.accuracy.covered <= 1.0
