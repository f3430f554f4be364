"""From a metric's own unit to 0..100; every number is worked by hand."""

from math import log

import pytest
from pydantic import ValidationError

from scoring.scale import Scale, scaled


@pytest.mark.parametrize(
    ("zero_at", "full_at", "value", "points"),
    [
        (0, 20, 5, 25.0),
        (0, 20, 0, 0.0),
        (0, 20, 20, 100.0),
        (0, 20, 21, 100.0),  # flat outside
        (0, 20, -1, 0.0),
        (-50, 60, 5, 50.0),  # 55 of 110 points of NPS
        (90, 0, 0, 100.0),  # silence: less is better
        (90, 0, 27, 70.0),  # 63 of 90 days
        (90, 0, 90, 0.0),
        (90, 0, 400, 0.0),
        (-0.3, 0, -0.15, 50.0),
        (3, 2, 2.25, 75.0),
    ],
)
def test_a_linear_scale_is_straight_between_its_ends_and_flat_outside(
    zero_at: float, full_at: float, value: float, points: float
) -> None:
    line = Scale(weight=1, zero_at=zero_at, full_at=full_at).line
    assert scaled(value, *line) == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize(
    ("zero_at", "full_at", "value", "points"),
    [
        (0, 15, 0, 0.0),
        (0, 15, 1, 25.0),  # log2(2) of log2(16): every doubling of 1 + value is a quarter
        (0, 15, 3, 50.0),
        (0, 15, 7, 75.0),
        (0, 15, 15, 100.0),
        (0, 15, 1_000, 100.0),
        (0, 15, -3, 0.0),  # below zero is as zero
        (6, 0, 0, 100.0),  # rhythm: less is better
        (6, 0, 1, 100 * (1 - log(2) / log(7))),
        (6, 0, 6, 0.0),
        (1, 7, 3, 50.0),
    ],
)
def test_a_log_scale_is_straight_in_the_logarithm_of_one_more(
    zero_at: float, full_at: float, value: float, points: float
) -> None:
    line = Scale(weight=1, zero_at=zero_at, full_at=full_at, curve="log").line
    assert scaled(value, *line) == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"zero_at": 5, "full_at": 5}, "both 5"),
        ({"zero_at": 0, "full_at": 1e-300}, "too close together"),
        ({"zero_at": 1e12 - 1e-3, "full_at": 1e12, "curve": "log"}, "too close together"),
        ({"zero_at": -1, "full_at": 5, "curve": "log"}, "at least 0"),
        ({"zero_at": 0, "full_at": 1e13}, "less than or equal to"),
        ({"zero_at": 0, "full_at": 5, "weight": 0}, "greater than 0"),
        ({"zero_at": 0, "full_at": 5, "curve": "square"}, "'linear' or 'log'"),
    ],
)
def test_a_scale_without_a_slope_or_a_weight_is_refused(said: dict[str, float | str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Scale.model_validate({"weight": 1, **said})
