"""What takes all accounts is done when something came: soon where it takes little, and seldom where it takes long."""

import pytest

from streams.scorecard.seldom import REFRESH_S, Seldom


class Doing:
    """Takes a while, by a clock that a test moves on."""

    def __init__(self, took: float) -> None:
        self.took, self.now, self.came, self.times = took, 0.0, 0, 0
        self.seldom = Seldom(self, lambda: self.came, lambda: self.now)

    def __call__(self) -> None:
        self.now += self.took
        self.times += 1

    def at(self, now: float, came: int) -> int:
        """How often it was done, once this much came by then."""
        self.now, self.came = now, came
        self.seldom()
        return self.times


@pytest.mark.parametrize(("took", "idle"), [(0.01, 0.2), (0.05, 1.0), (1.0, 20.0), (100.0, REFRESH_S)])
def test_it_is_done_again_when_something_came_and_a_twentieth_of_the_time_is_spent_on_it(
    took: float, idle: float
) -> None:
    doing = Doing(took)
    assert doing.at(0.0, came=1) == 1
    assert doing.at(took + idle - 1e-6, came=2) == 1
    assert doing.at(took + idle + 1e-6, came=2) == 2


def test_without_anything_new_it_is_done_at_the_latest_after_a_while() -> None:
    """Somebody may have asked for a period that was not kept before, and a day may be over."""
    doing = Doing(0.01)
    assert [doing.at(0.0, came=1), doing.at(REFRESH_S - 1.0, came=1), doing.at(REFRESH_S + 0.1, came=1)] == [1, 1, 2]
