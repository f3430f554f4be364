"""Counts, sums and their comparison with the account's own past; every number is worked by hand."""

from math import sqrt

import pytest

from scoring.event import Event
from tests.scoring.histories import daily, event, instant, read, traits

WEEK = "kind: count, stream: usage, window: 7d"


@pytest.mark.parametrize(
    ("day", "counted"),
    [
        (0.0, 1.0),  # today counts: the event of this very instant
        (6.99, 3.0),  # days 0..6: the first day of the window counts from its midnight, the last one up to now
        (7.0, 2.0),  # days 1..7: day 0 is out
        (12.99, 1.0),  # days 6..12
        (13.0, 0.0),  # days 7..13: nothing in the window is zero, not missing
        (390.0, 0.0),
    ],
)
def test_a_count_takes_the_first_and_the_last_day_of_its_window(day: float, counted: float) -> None:
    history = [event("opened", 0.0), event("opened", 3.5), event("opened", 6.5)]
    known = [happened for happened in history if happened.at <= instant(day)]
    assert read(WEEK, known, day) == counted


def test_a_count_of_what_never_came_is_missing() -> None:
    assert read(WEEK, [], 5.0) is None
    assert read(WEEK, [event("nps_answered", 4.0, stream="cs", score=9)], 5.0) is None


def test_a_late_event_counts_for_the_day_on_which_it_happened() -> None:
    late = [event("opened", 1.5, arrives=5.2)]
    assert read("kind: count, stream: usage, window: 3d", late, 5.5) == 0  # days 3..5
    assert read("kind: count, stream: usage, window: 5d", late, 5.5) == 1  # days 1..5


def test_an_event_sent_twice_counts_once() -> None:
    assert read(WEEK, [event("opened", 1.0, message_id="same"), event("opened", 1.0, message_id="same")], 2.0) == 1


def test_a_sum_adds_up_numbers_and_nothing_else() -> None:
    history = [event("ordered", 1.0, amount=amount) for amount in (2, 3.5, -1, "4", True, None, [5])]
    history.append(event("ordered", 1.0))
    # 2 + 3.5 - 1
    assert read("kind: sum, events: [ordered], property: amount, window: 7d", history, 2.0) == 4.5


def test_a_sum_without_any_number_is_missing() -> None:
    history = [event("ordered", 1.0, amount="12")]
    assert read("kind: sum, events: [ordered], property: amount, window: 7d", history, 2.0) is None


def test_only_the_selected_events_count() -> None:
    history = [
        event("exported", 1.0, format="pdf"),
        event("exported", 1.0, format="csv"),
        event("exported", 1.0, format="png"),
        event("exported", 1.0, format=["pdf"]),  # a list is no value to compare with
        event("exported", 1.0),
        event("exported", 1.0, stream="cs", format="pdf"),
        event("opened", 1.0, format="pdf"),
    ]
    selected = "kind: count, stream: usage, events: [exported], where: {format: [pdf, csv]}, window: 7d"
    assert read(selected, history, 1.5) == 2


def test_an_amount_halves_in_every_half_life() -> None:
    by = "kind: count, stream: usage, half_life: 7d"
    history = [event("opened", 0.0)]
    assert read(by, history, 0.0) == 1.0
    assert read(by, history, 7.0) == 0.5
    history.append(event("opened", 7.0))
    assert read(by, history, 7.0) == 1.5  # 1/2 + 1
    assert read(by, history, 14.0) == 0.75  # 1/4 + 1/2


def test_a_late_amount_joins_with_what_it_is_still_worth() -> None:
    by = "kind: sum, events: [ordered], property: amount, half_life: 10d"
    early = event("ordered", 0.0, arrives=20.0, amount=8)
    later = event("ordered", 10.0, amount=2)
    # on day 20: 8 after two half-lives is 2, and 2 after one is 1
    assert read(by, [later, early], 20.0) == pytest.approx(3.0, abs=1e-12)
    assert read(by, [early, later], 20.0) == pytest.approx(3.0, abs=1e-12)


def test_depth_of_usage_is_events_per_active_user() -> None:
    """A4"""
    depth = "kind: count, stream: usage, window: 28d, per: user"
    history = [*daily("opened", 0, 3, user="ann"), *daily("opened", 2, 3, user="bob")]
    assert read(depth, history, 4.0) == 3.0  # 6 events / 2 users
    history.append(event("imported", 3.0))  # by no one in particular
    assert read(depth, history, 4.0) == 3.5  # 7 events / 2 users


@pytest.mark.parametrize(("day", "depth"), [(30.5, 1.5), (31.5, None)])
def test_depth_of_usage_is_missing_once_nobody_is_active(day: float, depth: float | None) -> None:
    """A4"""
    by = "kind: count, stream: usage, window: 28d, per: user"
    history = [event("opened", 3.0, user="ann"), event("opened", 3.0, user="bob"), event("imported", 3.0)]
    assert read(by, history, day) == depth  # 3 events / 2 users on days 3..30


def test_depth_of_usage_is_missing_where_no_user_is_ever_named() -> None:
    """A4"""
    assert read("kind: count, stream: usage, window: 28d, per: user", daily("opened", 0, 3), 4.0) is None


def test_an_amount_per_active_day_divides_by_the_days_with_events() -> None:
    """A4"""
    history = [*daily("opened", 0, 1, times=2), *daily("opened", 5, 5, times=5)]
    by = "kind: count, stream: usage, window: 7d, per: active_day"
    assert read(by, history, 6.5) == 3.0  # 9 events / 3 days
    assert read(by, history, 7.5) == 3.5  # days 1..7: 7 events / 2 days


# --- trend -----------------------------------------------------------------------------------------------------------

TREND = "kind: trend, stream: usage, window: 28d, before: 84d"


def test_a_trend_of_one_is_as_before() -> None:
    assert read(TREND, daily("opened", 0, 111), 111.9) == 1.0


def test_a_trend_compares_events_per_day() -> None:
    """L1"""
    history = [*daily("opened", 0, 83), *daily("opened", 84, 111, times=2)]
    assert read(TREND, history, 111.9) == 2.0  # 56 / 28 days over 84 / 84 days
    # A week of silence later: days 91..118 had 42 events, 1.5 a day; days 7..90 had 77 and 14, 91 / 84 a day
    assert read(TREND, history, 118.9) == pytest.approx(1.5 / (91 / 84), abs=1e-12)


def test_a_trend_falls_to_zero_in_silence_and_is_missing_once_the_past_is_empty() -> None:
    history = daily("opened", 0, 83)
    assert read(TREND, history, 111.9) == 0.0  # days 84..111: none; days 0..83: 84
    assert read(TREND, history, 194.9) == 0.0  # days 83..166 had one
    assert read(TREND, history, 195.9) is None  # days 84..167 had none: nothing to compare with


@pytest.mark.parametrize(("day", "trend"), [(54.9, None), (55.9, 1.0)])
def test_a_trend_is_missing_until_there_are_28_days_of_past(day: float, trend: float | None) -> None:
    # the account is known from day 0; on day 55 the window is days 28..55 and the past days 0..27
    assert read(TREND, daily("opened", 0, int(day)), day) == trend


def test_a_young_account_is_compared_with_the_past_that_it_has() -> None:
    history = [*daily("opened", 0, 27), *daily("opened", 28, 55, times=3)]
    assert read(TREND, history, 55.9) == 3.0  # 84 / 28 days over 28 / 28 days, not over 28 / 84 days


def test_the_past_begins_with_the_first_arrival_not_with_the_first_such_event() -> None:
    history = [traits(0.0, plan="pro"), *daily("opened", 56, 83)]
    # day 83: the window is days 56..83, the past days 0..55 were known and empty
    assert read(TREND, history, 83.9) is None
    # day 90: window 63..90 had 21 in 28 days; of the 63 days before, 7 had one
    assert read(TREND, history, 90.9) == pytest.approx((21 / 28) / (7 / 63), abs=1e-12)


def test_a_trend_of_users_compares_windows_of_the_same_length() -> None:
    """A5, L1: distinct users do not add up over days"""
    history = [
        *(event("opened", 3.0, user=user) for user in ("ann", "bob")),
        *(event("opened", 30.0, user=user) for user in ("ann", "bob", "cat")),
        *(event("opened", day, user="ann") for day in (60.0, 61.0, 83.0)),
        *(event("opened", day, user="ann") for day in (84.0, 90.0)),
        event("opened", 0.0),  # by no one; it dates the account
    ]
    by = "kind: trend, of: user, stream: usage, window: 28d, before: 84d"
    # days 84..111: 1 user; days 56..83, 28..55, 0..27: 1, 3 and 2 users, 2 in the mean
    assert read(by, history, 111.5) == 0.5


def test_a_trend_of_users_is_missing_until_a_whole_earlier_window_is_known() -> None:
    by = "kind: trend, of: user, stream: usage, window: 56d, before: 112d"
    history = [event("opened", day + 0.5, user=f"user-{day % 9}") for day in range(120)]
    assert read(by, history[:111], 110.5) is None  # window 55..110; known before it: 55 days, under 56
    assert read(by, history[:112], 111.5) == 1.0  # window 56..111, past 0..55: the nine users in each


def test_a_trend_of_active_days_compares_shares_of_days() -> None:
    history = [event("opened", day + 0.5) for day in range(0, 56, 2)]  # every other day
    history += [event("opened", day + 0.5) for day in range(56, 84, 4) for _ in range(3)]  # every fourth, three times
    by = "kind: trend, of: active_days, stream: usage, window: 28d, before: 56d"
    assert read(by, history, 83.9) == 0.5  # 7 / 28 over 28 / 56


# --- deviation -------------------------------------------------------------------------------------------------------

DEVIATION = "kind: deviation, stream: usage, window: 7d, before: 28d"


def baseline() -> list[Event]:
    """Four weeks, days 0..27: one event a day, but 2, 4, 4, 6 on the Thursdays (days 0, 7, 14, 21)."""
    thursdays = {0: 2, 7: 4, 14: 4, 21: 6}
    return [happened for day in range(28) for happened in daily("opened", day, day, thursdays.get(day, 1))]


@pytest.mark.parametrize(
    ("week", "z"),
    [
        # Thursdays: mean 4, sample variance (4 + 0 + 0 + 4) / 3; the other six weekdays: mean 1, variance 0.
        # expected = 4 + 6 = 10; variance = 8/3 + 10 = 38/3
        ([4, 1, 1, 1, 1, 1, 1], 0.0),
        ([3, 0, 0, 0, 0, 0, 0], (3 - 10) / sqrt(38 / 3)),
        ([0, 0, 0, 0, 0, 0, 0], -10 / sqrt(38 / 3)),
        ([4, 1, 6, 6, 1, 1, 1], 10 / sqrt(38 / 3)),
    ],
)
def test_a_deviation_is_counted_in_standard_deviations_of_the_same_weekdays(week: list[int], z: float) -> None:
    history = baseline()
    for weekday, times in enumerate(week):
        history += daily("opened", 28 + weekday, 28 + weekday, times)
    assert read(DEVIATION, history, 35.5) == pytest.approx(z, abs=1e-12)


def test_a_deviation_leaves_out_today_which_is_not_over() -> None:
    history = [*baseline(), *daily("opened", 28, 28, 4), *daily("opened", 29, 34)]
    assert read(DEVIATION, [*history, *daily("opened", 35, 35, 50)], 35.9) == 0.0


def test_days_without_events_are_part_of_the_baseline() -> None:
    history = [*daily("opened", 0, 0, 4), *daily("opened", 14, 14, 4)]  # Thursdays 4, 0, 4, 0: mean 2, variance 16/3
    assert read(DEVIATION, history, 35.5) == pytest.approx(-2 / sqrt(16 / 3 + 2), abs=1e-12)


def test_a_weekend_is_held_against_weekends() -> None:
    by = "kind: deviation, stream: usage, window: 1d, before: 28d"
    history = [happened for day in range(0, 35, 7) for happened in daily("opened", day, day, 4)]  # Thursdays only
    # On Friday, day 36, the window is Thursday, day 35, and the baseline days 7..34: four Thursdays with 4, variance 0
    assert read(by, history, 36.5) == pytest.approx(-4 / sqrt(4), abs=1e-12)
    # On Saturday, day 37, the window is a Friday: Fridays never had any, so there is nothing to deviate from
    assert read(by, history, 37.5) is None


@pytest.mark.parametrize(("day", "known"), [(34.5, False), (35.5, True)])
def test_a_deviation_is_missing_until_there_are_28_days_of_past(day: float, known: bool) -> None:
    # on day 35 the window is days 28..34 and the baseline days 0..27
    assert (read(DEVIATION, daily("opened", 0, int(day)), day) is not None) == known


def test_an_empty_past_has_no_deviation() -> None:
    history = [traits(0.0, plan="pro"), *daily("opened", 40, 46)]
    assert read(DEVIATION, history, 47.5) is None
