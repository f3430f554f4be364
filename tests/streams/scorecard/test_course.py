"""What a service tells of the process that feeds its scorecard."""

import pytest

from streams.scorecard.course import ENDS, ENDS_S, LATE_S, Course
from streams.scorecard.order import State

CURRENT, LATE = State(0, 0, 0), State(7, 0, 7)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_money_that_has_been_behind_for_minutes_is_told_until_it_is_not(clock: Clock) -> None:
    course = Course(clock)
    course.told(CURRENT)
    clock.now += LATE_S
    course.told(LATE)
    assert course.trouble is None
    clock.now += 1
    assert course.behind_s == LATE_S + 1  # nobody has to say so: the process may be away
    assert str(course.trouble).startswith("the scorecard's money has been behind for 301 s")
    course.told(CURRENT)
    assert (course.behind_s, course.trouble) == (0, None)


def test_figures_beside_money_may_lag_and_figures_of_money_may_not(clock: Clock) -> None:
    course = Course(clock)
    clock.now += 1
    course.told(State(5, 0, 0))
    assert (course.behind_s, course.caught_up) == (0, False)
    clock.now += 1
    course.told(State(0, 3, 0))
    assert (course.behind_s, course.caught_up) == (1, False)


def test_a_process_that_ends_again_and_again_is_told_though_it_catches_up_in_between(clock: Clock) -> None:
    course = Course(clock)
    for _ in range(ENDS):
        assert course.trouble is None
        course.ended(refused=False)
        course.told(CURRENT)
    assert str(course.trouble).startswith("the process that feeds the scorecard ends again and again")
    clock.now += ENDS_S + 1
    course.told(CURRENT)
    assert course.trouble is None


def test_a_scorecard_that_is_not_kept_any_more_is_told_at_once(clock: Clock) -> None:
    course = Course(clock)
    course.ended(refused=True)
    assert "not kept" in str(course.trouble)
