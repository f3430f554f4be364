"""The first and the last such event."""

import itertools

from scoring.cells.span import Span
from tests.scoring.histories import event, instant


def test_first_and_last_are_by_the_time_it_happened_in_whatever_order_they_arrive() -> None:
    cell = Span()
    for order in itertools.permutations([event("opened", day, arrives=9.0) for day in (3.0, 1.0, 2.0, 7.0)]):
        state = None
        for happened in order:
            state = cell.observe(state, [happened], [0], [1])
        assert state == (instant(1.0), instant(7.0))


def test_a_single_event_is_both() -> None:
    assert Span().observe(None, [event("opened", 3.0)], [0], [1]) == (instant(3.0), instant(3.0))


def test_the_horizon_does_not_forget_it() -> None:
    assert Span().shift((1.0, 2.0), 10_000, 30_000) == (1.0, 2.0)
