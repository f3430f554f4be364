"""Sums by day, and sums that decay."""

import pytest

from scoring.cells.sums import DaySums, Decayed, number, window
from tests.scoring.histories import event, instant


@pytest.mark.parametrize(
    ("value", "as_number"), [(5, 5.0), (-1.5, -1.5), (0, 0.0), (True, None), ("5", None), (None, None), ([5], None)]
)
def test_booleans_and_texts_are_no_numbers(value: object, as_number: float | None) -> None:
    assert number(value) == as_number


@pytest.mark.parametrize(
    ("first", "last", "total"),
    [(0, 9, 15.0), (0, 0, 1.0), (2, 2, 4.0), (1, 2, 6.0), (3, 8, 0.0), (9, 9, 8.0), (-500, 500, 15.0), (10, 5, 0.0)],
)
def test_a_window_adds_up_its_first_and_its_last_day_and_all_between(first: int, last: int, total: float) -> None:
    """Short windows look days up, long ones go over what is kept: both must agree"""
    assert window({0: 1.0, 1: 2.0, 2: 4.0, 9: 8.0}, first, last) == total


def test_events_of_a_day_are_added_up() -> None:
    cell = DaySums("amount")
    state = None
    for day, amount in ((3, 1.5), (3, 2.0), (4, -1.0), (4, "x")):
        state = cell.observe(state, [event("ordered", day, amount=amount)], [day], [1 << day])
    assert state == {3: 3.5, 4: -1.0}
    assert cell.shift({3: 3.5, 4: -1.0}, 4, 4) == {4: -1.0}


def test_a_decayed_sum_stands_as_of_its_newest_event() -> None:
    cell = Decayed(None, 86_400.0)
    state = cell.observe(None, [event("opened", 0.0)], [0], [1])
    assert state == (1.0, instant(0.0))
    state = cell.observe(state, [event("opened", 2.0)], [2], [4])
    assert state == (1.25, instant(2.0))  # 1/4 + 1
    assert cell.observe(state, [event("opened", 1.0)], [1], [2]) == (
        1.75,
        instant(2.0),
    )  # the late one is worth 1/2 by then


def test_what_is_ages_old_decays_to_nothing_without_an_error() -> None:
    cell = Decayed(None, 3_600.0)
    state = cell.observe(None, [event("opened", 0.0)], [0], [1])
    assert cell.observe(state, [event("opened", 4_000.0)], [0], [1]) == (1.0, instant(4_000.0))
