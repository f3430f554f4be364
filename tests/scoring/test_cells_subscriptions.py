"""What the account pays, step by step."""

import itertools

import pytest

from scoring.cells.subscriptions import STEPS_MAX, SUBSCRIPTIONS_MAX, Step, Subscriptions, arr_at
from scoring.event import Event
from tests.scoring.histories import date, event, instant

CELL = Subscriptions(frozenset({"churned"}))


def steps(*events: Event) -> dict[int, tuple[Step, ...]]:
    state = None
    for happened in events:
        state = CELL.observe(state, [happened], [0], [1])
    return state or {}


def test_arr_at_a_moment_is_the_last_step_of_each_subscription_by_then() -> None:
    history = [
        event("started", 1.0, subscription_id="a", arr=100),
        event("expanded", 5.0, subscription_id="a", arr=150),
        event("started", 3.0, subscription_id="b", arr=10),
        event("churned", 7.0, subscription_id="b", arr=10),
    ]
    for order in itertools.permutations(history):
        state = steps(*order)
        found = [arr_at(state, instant(day)) for day in (0.9, 1.0, 3.0, 5.0, 6.99, 7.0, 500.0)]
        assert found == [0.0, 100.0, 110.0, 160.0, 160.0, 150.0, 150.0]


def test_a_step_seen_twice_is_one_step() -> None:
    one = event("started", 1.0, subscription_id="a", arr=100)
    assert steps(one, one) == steps(one)


def test_a_renewal_date_is_kept_with_its_step() -> None:
    (found,) = steps(event("started", 1.0, arr=100, renews_at=date(9.0)), event("expanded", 2.0, arr=120)).values()
    assert [(step.arr, step.renews) for step in found] == [(100.0, instant(9.0)), (120.0, None)]


def test_a_subscription_that_moves_often_keeps_its_newest_steps() -> None:
    """Before the oldest step that is kept its ARR is taken to have been that one's: nearer than nothing"""
    moves = [event("moved", float(day), subscription_id="a", arr=1_000 + day) for day in range(20)]
    for order in (moves, list(reversed(moves))):
        (found,) = steps(*order).values()
        assert [step.arr for step in found] == [1_000.0 + day for day in range(20 - STEPS_MAX, 20)]
    state = steps(*moves)
    assert arr_at(state, instant(19.5)) == 1_019.0
    assert arr_at(state, instant(2.0)) == 1_008.0


def test_a_usage_billed_subscription_does_not_look_like_growth_from_nothing() -> None:
    others = event("started", 0.0, subscription_id="b", arr=1_000)
    moves = [event("moved", 100.0 + n, subscription_id="a", arr=1_000 + n) for n in range(13)]
    state = steps(event("started", 0.0, subscription_id="a", arr=1_000), others, *moves)
    assert arr_at(state, instant(30.0)) == pytest.approx(2_000, abs=1.0)


def test_ended_subscriptions_make_room_for_running_ones() -> None:
    running = [event("started", 1.0 + n, subscription_id=f"run-{n}", arr=100) for n in range(SUBSCRIPTIONS_MAX)]
    ended = [event("churned", 500.0 + n, subscription_id=f"end-{n}") for n in range(30)]
    assert arr_at(steps(*ended, *running), instant(900.0)) == 100.0 * SUBSCRIPTIONS_MAX
    assert arr_at(steps(*running, *ended), instant(900.0)) == 100.0 * SUBSCRIPTIONS_MAX
    assert len(steps(*running, *ended)) == SUBSCRIPTIONS_MAX
