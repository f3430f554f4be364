"""Recurring revenue, its change and the next renewal; every number is worked by hand."""

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from scoring.event import Event
from tests.scoring.histories import date, event, read

_EVENTS = "events: [subscription_started, subscription_expanded, subscription_renewed, subscription_churned]"
_KIND = f"kind: subscription, {_EVENTS}, churns: [subscription_churned]"


def arr(history: Iterable[Event], day: float) -> float | None:
    return read(f"{_KIND}, report: arr", history, day)


def change(history: Iterable[Event], day: float) -> float | None:
    """Over 90 days."""
    return read(f"{_KIND}, report: change, window: 90d", history, day)


def renewal_days(history: Iterable[Event], day: float) -> float | None:
    return read(f"{_KIND}, report: renewal_days", history, day)


def moved(what: str, day: float, subscription: str, arr: object = None, **more: Any) -> Event:
    said: dict[str, Any] = {} if arr is None else {"arr": arr}
    return event(f"subscription_{what}", day, stream="revenue", subscription_id=subscription, **said, **more)


def test_arr_is_what_each_subscription_pays_after_its_last_movement_added_up() -> None:
    history = [
        moved("started", 0.0, "crm", 12_000),
        moved("started", 10.0, "chat", 3_000.5),
        moved("expanded", 20.0, "crm", 15_000),
    ]
    assert arr(history, 30.0) == 18_000.5
    assert arr([], 30.0) is None


def test_churn_takes_a_subscription_to_zero_whatever_arr_it_carries() -> None:
    history = [moved("started", 0.0, "crm", 12_000), moved("started", 0.0, "chat", 3_000)]
    history.append(moved("churned", 40.0, "crm", 12_000))
    assert arr(history, 41.0) == 3_000.0
    history.append(moved("churned", 42.0, "chat"))
    assert arr(history, 43.0) == 0.0  # churned is known to be zero, not missing


def test_steps_count_by_the_time_they_happened_in_whatever_order_they_arrive() -> None:
    history = [
        moved("started", 0.0, "crm", 100, arrives=200.0),
        moved("expanded", 60.0, "crm", 150, arrives=200.0),
        moved("churned", 120.0, "crm", arrives=200.0),
        moved("started", 130.0, "crm", 90, arrives=200.0),
    ]
    for order in itertools.permutations(history):
        assert arr(order, 200.0) == 90.0
        assert change(order, 200.0) == pytest.approx(-0.4, abs=1e-12)  # day 110: 150; 90 / 150 - 1


def test_movements_without_a_number_are_not_heeded() -> None:
    history = [moved("started", 0.0, "crm", 100), *(moved("expanded", 1.0, "crm", n) for n in ("200", True, None))]
    assert arr(history, 2.0) == 100.0


@pytest.mark.parametrize(
    ("movements", "day", "expected"),
    [
        ([("started", 0.0, 100), ("expanded", 50.0, 125)], 100.0, 0.25),  # 100 on day 10, 125 on day 100
        ([("started", 0.0, 100), ("renewed", 50.0, 80)], 100.0, -0.2),  # contracted by a fifth
        ([("started", 0.0, 100), ("churned", 50.0, None)], 100.0, -1.0),
        (
            [("started", 0.0, 100), ("expanded", 10.0, 125)],
            100.0,
            0.0,
        ),  # day 10 is the start of the 90 days: it was 125 then
        ([("started", 0.0, 100), ("expanded", 10.01, 125)], 100.0, 0.25),
        ([("started", 10.0, 100)], 100.0, 0.0),
        ([("started", 10.01, 100)], 100.0, None),  # nothing at the start of the 90 days: no share
        ([("started", 0.0, 100), ("churned", 5.0, None), ("started", 50.0, 70)], 100.0, None),  # zero at the start
        ([], 100.0, None),
    ],
)
def test_the_change_is_a_share_of_what_was_paid_at_the_start_of_the_window(
    movements: list[tuple[str, float, float | None]], day: float, expected: float | None
) -> None:
    history = [moved(what, at, "crm", arr) for what, at, arr in movements]
    assert change(history, day) == (None if expected is None else pytest.approx(expected, abs=1e-12))


def test_a_second_subscription_is_expansion_and_dropping_one_of_two_contraction() -> None:
    history = [moved("started", 0.0, "crm", 100), moved("started", 60.0, "chat", 50)]
    assert change(history, 100.0) == 0.5
    history.append(moved("churned", 160.0, "crm"))
    assert change(history, 200.0) == pytest.approx(50 / 150 - 1, abs=1e-12)


def test_the_next_renewal_is_that_of_the_running_subscription_which_comes_first() -> None:
    history = [
        moved("started", 0.0, "crm", 100, renews_at=date(365.0)),
        moved("started", 0.0, "chat", 50, renews_at=date(30.0)),
        moved("started", 0.0, "mail", 10),
    ]
    assert renewal_days(history, 10.0) == 20.0
    assert renewal_days(history, 32.5) == -2.5  # past, and not renewed
    history.append(moved("expanded", 33.0, "chat", 60))  # says nothing of the date
    assert renewal_days(history, 34.0) == -4.0
    history.append(moved("renewed", 35.0, "chat", 60, renews_at=date(395.0)))
    assert renewal_days(history, 35.0) == 330.0
    history.append(moved("churned", 40.0, "crm", renews_at=date(365.0)))
    assert renewal_days(history, 45.0) == 350.0  # what has churned is not up for renewal


def test_without_a_date_there_is_no_renewal_to_wait_for() -> None:
    assert renewal_days([moved("started", 0.0, "crm", 100, renews_at="next year")], 10.0) is None
    assert renewal_days([], 10.0) is None
