"""How scaled metrics make dimensions, dimensions the score, and the score a band; every number is worked by hand."""

import pytest

from scoring.scale import Scale
from scoring.weighing import Weighed, Weighing


def percent(weight: float) -> Scale:
    """A metric that is 0..100 by itself."""
    return Scale(weight=weight, zero_at=0, full_at=100)


WEIGHING = Weighing(
    {
        "adoption": (3.0, {"users": percent(2), "features": percent(1)}),
        "support": (1.0, {"tickets": percent(1)}),
    },
    {"good": 65.0, "fair": 40.0, "bad": 0.0},
    hysteresis=3.0,
)


def weigh(**metrics: float) -> Weighed:
    return WEIGHING.weigh({f"metrics.{name}": value for name, value in metrics.items()})


def test_a_score_is_the_weighted_mean_of_dimensions_which_are_weighted_means_of_metrics() -> None:
    found = weigh(users=90, features=30, tickets=50)
    # adoption = (2 * 90 + 30) / 3 = 70; score = (3 * 70 + 50) / 4
    assert found.dimensions == {"dimensions.adoption": 70.0, "dimensions.support": 50.0}
    assert found.value == 65.0
    assert found.coverage == 1.0


def test_the_weight_of_a_missing_metric_goes_to_its_dimension() -> None:
    found = weigh(users=90, tickets=50)
    # adoption = 90; score = (3 * 90 + 50) / 4; coverage = (3 * 2/3 + 1) / 4
    assert found.dimensions == {"dimensions.adoption": 90.0, "dimensions.support": 50.0}
    assert found.value == 80.0
    assert found.coverage == 0.75


def test_the_weight_of_a_missing_dimension_goes_to_the_others() -> None:
    found = weigh(users=90, features=30)
    assert found.dimensions == {"dimensions.adoption": 70.0}
    assert found.value == 70.0
    assert found.coverage == 0.75  # 3 of 4
    assert weigh(features=30) == Weighed(30.0, {"dimensions.adoption": 30.0}, 0.25)  # 3 * 1/3 of 4


def test_missing_is_not_zero() -> None:
    assert weigh(users=90, features=0).value == 60.0  # 2 * 90 / 3
    assert weigh(users=90).value == 90.0


def test_when_nothing_is_known_there_is_no_score() -> None:
    assert weigh() == Weighed(None, {}, 0.0)
    assert WEIGHING.parts({}) == []


def test_values_that_no_dimension_names_do_not_count() -> None:
    assert weigh(tickets=50, arr=1e9).value == 50.0


def test_the_parts_are_shares_of_the_score_that_add_up_to_it() -> None:
    parts = WEIGHING.parts({"metrics.users": 90.0, "metrics.features": 30.0, "metrics.tickets": 50.0})
    assert [(part.metric, part.dimension, part.scaled) for part in parts] == [
        ("users", "adoption", 90.0),
        ("features", "adoption", 30.0),
        ("tickets", "support", 50.0),
    ]
    # weights: 3/4 * 2/3, 3/4 * 1/3, 1/4
    assert [part.weight for part in parts] == pytest.approx([0.5, 0.25, 0.25], abs=1e-12)
    assert [part.points for part in parts] == pytest.approx([45.0, 7.5, 12.5], abs=1e-12)  # 65 in all


def test_the_parts_of_an_incomplete_score_carry_the_weight_of_what_is_missing() -> None:
    parts = WEIGHING.parts({"metrics.features": 30.0, "metrics.tickets": 50.0})
    assert [part.weight for part in parts] == pytest.approx([0.75, 0.25], abs=1e-12)
    assert sum(part.points for part in parts) == pytest.approx(35.0, abs=1e-12)  # (3 * 30 + 50) / 4


@pytest.mark.parametrize(
    ("score", "before", "band"),
    [
        (100.0, None, "good"),
        (65.0, None, "good"),
        (64.99, None, "fair"),
        (40.0, None, "fair"),
        (39.99, None, "bad"),
        (0.0, None, "bad"),
        (62.0, "good", "good"),  # three points under the floor of 65: still good
        (61.99, "good", "fair"),
        (64.99, "fair", "fair"),  # coming from below it takes the floor itself
        (65.0, "fair", "good"),
        (37.0, "fair", "fair"),
        (36.99, "fair", "bad"),
        (38.0, "good", "bad"),  # what holds is the old band's floor, not that of the band between
        (64.0, "purple", "fair"),  # a band that is no more
    ],
)
def test_an_account_leaves_its_band_only_when_it_is_clearly_below_it(
    score: float, before: str | None, band: str
) -> None:
    assert WEIGHING.band(score, before) == band


def test_without_hysteresis_the_floor_decides() -> None:
    weighing = Weighing({"all": (1.0, {"users": percent(1)})}, {"good": 50.0, "bad": 0.0}, hysteresis=0.0)
    assert weighing.band(49.99, "good") == "bad"
    assert weighing.band(50.0, "bad") == "good"
