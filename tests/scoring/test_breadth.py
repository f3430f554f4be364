"""Distinct users, features and roles, users in a pattern, active days and weeks; every number is worked by hand."""

import random

import pytest

from scoring.cells.entities import ENTITIES_MAX
from tests.scoring.histories import daily, event, read

USERS = "kind: distinct, of: user, stream: usage, window: 28d"


@pytest.mark.parametrize(("day", "users"), [(2.0, 3.0), (27.9, 3.0), (28.0, 2.0), (29.9, 1.0), (31.0, 0.0)])
def test_distinct_users_are_those_of_the_days_of_the_window(day: float, users: float) -> None:
    """A5: ann on day 0, bob on days 0 and 1, cat on day 2"""
    seen = (("ann", 0.0), ("bob", 0.99), ("bob", 1.5), ("cat", 2.0), ("ann", 0.5))
    assert read(USERS, [event("opened", at, user=user) for user, at in seen], day) == users


def test_a_user_seen_again_later_stays_in_the_window() -> None:
    """A5"""
    history = [event("opened", 0.5, user="ann"), event("opened", 20.5, user="ann")]
    assert read(USERS, history, 47.9) == 1  # days 20..47
    assert read(USERS, history, 48.0) == 0  # days 21..48


def test_events_without_a_user_count_for_no_user() -> None:
    """A5"""
    assert read(USERS, [event("opened", 0.5)], 1.0) is None
    assert read(USERS, [event("opened", 0.5), event("opened", 0.5, user="ann")], 1.0) == 1


def test_features_are_told_by_their_property_else_by_the_name_of_the_event() -> None:
    """A3"""
    history = [
        event("feature_used", 1.0, feature="export"),
        event("feature_used", 1.0, feature="export"),
        event("clicked", 1.0, feature="import"),
        event("report_viewed", 1.0),
        event("report_viewed", 1.0, feature=7),  # no name of a feature: again report_viewed
    ]
    assert read("kind: distinct, of: feature, stream: usage, window: 90d", history, 2.0) == 3


def test_roles_are_told_by_the_property_role() -> None:
    """A5, L1: multi-threading"""
    history = [event("opened", 1.0, role=role) for role in ("admin", "analyst", "admin", None)]
    history.append(event("opened", 1.0))
    assert read("kind: distinct, of: role, stream: usage, window: 90d", history, 2.0) == 2


def test_values_of_any_property_can_be_counted() -> None:
    history = [event("opened", 1.0, region=region) for region in ("eu", 7, 7, True, "7", 7.5)]
    # eu, 7 (the same as "7"), True, 7.5
    assert read("kind: distinct, of: region, stream: usage, window: 90d", history, 2.0) == 4


def test_up_to_256_users_are_counted_exactly() -> None:
    """A5"""
    history = [event("opened", 1.0, user=f"user-{n}") for n in range(ENTITIES_MAX)]
    assert read(USERS, history, 2.0) == 256


@pytest.mark.parametrize("users", [257, 1_000, 5_000])
def test_more_users_are_estimated_within_four_standard_errors(users: int) -> None:
    """A5: the standard error is 7.5 %"""
    history = [event("opened", 1.0, user=f"user-{n}") for n in range(users)]
    assert read(USERS, history, 2.0) == pytest.approx(users, rel=0.3)


def test_the_estimate_does_not_depend_on_the_order_of_arrival() -> None:
    """A5"""
    history = [event("opened", n % 28 + 0.5, user=f"user-{n}", arrives=30.0) for n in range(2_000)]
    shuffled = random.Random(7).sample(history, len(history))
    window = "kind: distinct, of: user, stream: usage, window: 14d"
    assert read(window, history, 30.0) == read(window, shuffled, 30.0)


def test_sampled_users_weigh_as_many_as_they_stand_for() -> None:
    """A5: what is left of a sample is a multiple of two"""
    history = [event("opened", 1.0, user=f"user-{n}") for n in range(300)]
    estimate = read(USERS, history, 2.0)
    assert estimate is not None
    assert estimate % 2 == 0


# --- users in a pattern ----------------------------------------------------------------------------------------------

HEALTHY = "kind: share, of: user, stream: usage, window: 28d, days_min: 4"


def test_healthy_users_are_those_active_on_enough_days_of_the_window() -> None:
    """A6: ann on 4 days, bob on 3, cat on 5: two of three"""
    history = [
        *daily("opened", 10, 13, user="ann"),
        *daily("opened", 10, 12, times=9, user="bob"),  # often, but on three days only
        *daily("opened", 10, 14, user="cat"),
    ]
    assert read(HEALTHY, history, 20.0) == pytest.approx(2 / 3, abs=1e-12)
    # day 38: days 11..38 are the window; ann has 3 of them left, bob 2, cat 4
    assert read(HEALTHY, history, 38.0) == pytest.approx(1 / 3, abs=1e-12)
    # day 41: days 14..41; only cat is left, with one day
    assert read(HEALTHY, history, 41.0) == 0.0


def test_nobody_in_the_window_means_that_nobody_is_in_healthy_usage() -> None:
    """A6"""
    assert read(HEALTHY, daily("opened", 0, 9, user="ann"), 200.0) == 0.0
    assert read(HEALTHY, daily("opened", 0, 9), 10.0) is None  # no user was ever named


def test_the_pattern_can_fill_its_whole_window() -> None:
    """A6"""
    by = "kind: share, of: user, stream: usage, window: 3d, days_min: 3"
    history = [*daily("opened", 0, 2, user="ann"), *daily("opened", 1, 2, user="bob")]
    assert read(by, history, 2.9) == 0.5


# --- active days and weeks -------------------------------------------------------------------------------------------


def test_active_days_count_a_day_once_however_much_happened_on_it() -> None:
    """A4"""
    by = "kind: active_days, stream: usage, window: 7d"
    history = [*daily("opened", 0, 0, times=5), *daily("opened", 3, 4), event("nps_answered", 2.5, stream="cs")]
    assert read(by, history, 6.9) == 3
    assert read(by, history, 7.0) == 2
    assert read(by, history, 100.0) == 0
    assert read(by, [], 6.9) is None


def test_active_weeks_run_from_thursday_to_wednesday() -> None:
    """A4"""
    by = "kind: active_days, per: week, stream: usage, window: 28d"
    assert read(by, daily("opened", 0, 6), 6.9) == 1  # Thursday, day 0, to Wednesday, day 6
    assert read(by, daily("opened", 6, 7), 7.9) == 2  # a Wednesday and the Thursday after it
    assert read(by, [event("opened", 0.5), event("opened", 21.5)], 27.9) == 2


def test_a_window_of_a_year_touches_53_weeks_at_most() -> None:
    """A4"""
    by = "kind: active_days, per: week, stream: usage, window: 365d"
    history = daily("opened", 0, 399)
    # day 399 is a Thursday (399 = 57 * 7); the window is days 35..399: weeks 5..57
    assert read(by, history, 399.9) == 53
    # day 397 is a Tuesday; days 33..397: weeks 4..56
    assert read(by, history[:398], 397.9) == 53
