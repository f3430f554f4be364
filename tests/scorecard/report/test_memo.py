"""What takes all accounts is made once for everybody who asks, and anew when it is old and something came."""

from collections.abc import Sequence
from functools import partial

import pytest

from scorecard.report.memo import FRESH_S, KEPT_MAX, Memo


class Clock:
    """Seconds that a test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_result_is_given_again_while_nothing_came_or_it_is_fresh() -> None:
    clock, made = Clock(), list[float]()
    memo = Memo(clock)

    def ask(newest: float) -> int:
        def make() -> int:
            made.append(newest)
            clock.now += FRESH_S  # to make, so that it is fresh as long as anything ever is
            return len(made)

        return memo.get("lift", newest, make)

    assert [ask(1.0), ask(1.0)] == [1, 1]
    clock.now = FRESH_S - 1
    assert ask(2.0) == 1  # something came, and the result is fresh
    clock.now = 10 * FRESH_S
    assert ask(1.0) == 1  # old, and nothing came
    assert ask(2.0) == 2
    assert made == [1.0, 2.0]


@pytest.mark.parametrize(("took", "fresh"), [(0.0, 0.0), (0.05, 1.0), (1.0, 20.0), (10.0, FRESH_S)])
def test_the_sooner_a_result_is_made_the_sooner_it_is_made_anew(took: float, fresh: float) -> None:
    """Within a second where they take a twentieth of one; and never later than after FRESH_S."""
    clock, made = Clock(), list[float]()
    memo = Memo(clock)

    def ask(newest: float, at: float) -> Sequence[float]:
        def make() -> None:
            made.append(newest)
            clock.now += took

        clock.now = at
        memo.get("exposure", newest, make)
        return made

    assert ask(1.0, 0.0) == [1.0]
    if fresh:
        assert ask(2.0, fresh - 1e-6) == [1.0]
    assert ask(3.0, fresh) == [1.0, 3.0]


def test_so_many_results_are_kept() -> None:
    memo = Memo(Clock())
    made: list[int] = []
    for number in [*range(KEPT_MAX + 1), KEPT_MAX, 0]:
        memo.get(number, 1.0, partial(made.append, number))
    assert made == [*range(KEPT_MAX + 1), 0]  # the newest was kept, the oldest was not


def test_a_result_stands_while_what_came_does_not_touch_it_however_old_it_is() -> None:
    clock, made, asked_of = Clock(), list[float](), list[float]()
    memo = Memo(clock)

    def ask(newest: float, *, touched: bool) -> int:
        def stands(since: float) -> bool:
            asked_of.append(since)
            return not touched

        def make() -> int:
            made.append(newest)
            return len(made)

        return memo.get("lift", newest, make, stands, 0.0)

    assert ask(1.0, touched=False) == 1
    clock.now = 100 * FRESH_S
    assert [ask(2.0, touched=False), ask(3.0, touched=False)] == [1, 1]
    assert ask(4.0, touched=True) == 2  # of what is over, at once
    assert made == [1.0, 4.0]
    assert asked_of == [1.0, 2.0, 3.0]  # only what came since is looked at


def test_what_was_fresh_is_made_anew_when_its_period_is_over() -> None:
    """C3 to C5: a running period's may be a minute old, and one that is over by now may not."""
    clock, made = Clock(), list[int]()
    memo = Memo(clock)

    def make() -> None:
        made.append(1)
        clock.now += FRESH_S / 6

    memo.get("lift", 1, make)
    memo.get("lift", 2, make)
    assert len(made) == 1
    memo.get("lift", 2, make, fresh_s=0.0)
    assert len(made) == 2


def test_what_is_made_of_the_one_before_is_always_new() -> None:
    """C3 to C6: the first takes all accounts, those after it what came since."""
    clock, made = Clock(), list[str]()
    memo = Memo(clock)

    def ask(version: int) -> str:
        def make() -> str:
            clock.now += 10.0
            made.append(f"made at {version}")
            return made[-1]

        def renew(since: int, before: str) -> str:
            clock.now += 0.25
            made.append(f"{before}, and of {since} to {version}")
            return made[-1]

        return memo.get("lift", version, make, renew=renew)

    assert ask(1) == "made at 1"
    assert ask(2) == "made at 1, and of 1 to 2"
    assert ask(2) == made[-1]
    assert ask(3) == "made at 1, and of 1 to 2, and of 2 to 3"
    assert len(made) == 3
