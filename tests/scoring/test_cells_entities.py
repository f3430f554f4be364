"""Distinct things by day, exact up to 256 and sampled beyond."""

import random

import pytest

from scoring.cells.entities import ENTITIES_MAX, Entities, Sample, count, share
from scoring.cells.key import Key
from tests.scoring.histories import event


def seen(*users: tuple[str, int]) -> Sample:
    """The state after each (user, day) in this order; day 0 is bit 0."""
    cell, state = Entities(Key("user")), None
    for user, day in users:
        state = cell.observe(state, [event("opened", day, user=user)], [day], [1 << day])
    assert state is not None
    return state


def test_things_are_counted_on_the_days_of_a_mask() -> None:
    state = seen(("ann", 0), ("ann", 3), ("bob", 3), ("cat", 5))
    assert count(state, 0b111111) == 3
    assert count(state, 0b001000) == 2
    assert count(state, 0b000110) == 0
    assert share(state, 0b111111, 2) == pytest.approx(1 / 3, abs=1e-12)
    assert share(state, 0b000110, 1) is None


def test_a_full_cell_is_exact_and_the_next_thing_halves_it() -> None:
    names = [f"user-{n}" for n in range(ENTITIES_MAX + 1)]
    level, kept = seen(*((name, 0) for name in names[:-1]))
    assert (level, len(kept)) == (0, ENTITIES_MAX)
    level, kept = seen(*((name, 0) for name in names))
    assert level == 1
    assert 100 < len(kept) < 156  # half of 257, within four standard deviations of 8
    assert count((level, kept), 1) == 2 * len(kept)


def test_the_sample_depends_on_the_set_of_things_alone() -> None:
    users = [(f"user-{n}", n % 30) for n in range(3_000)]
    level, kept = seen(*users)
    for seed in range(3):
        shuffled = random.Random(seed).sample(users * 2, len(users) * 2)
        assert seen(*shuffled) == (level, kept)
    assert len(kept) <= ENTITIES_MAX


def test_a_window_of_a_sampled_cell_is_estimated_in_steps_of_what_a_thing_stands_for() -> None:
    """The few of a short window are estimated less well than all: 20 of 2,000 users in steps of 2^level"""
    users = [(f"user-{n}", 0) for n in range(2_000)] + [(f"user-{n}", 9) for n in range(20)]
    state = seen(*users)
    step = 1 << state[0]
    assert step in (8, 16)
    assert count(state, 1 << 9) % step == 0
    assert count(state, 1) == pytest.approx(2_000, rel=0.3)


def test_what_lies_before_the_base_is_forgotten_and_an_emptied_sample_starts_exact_again() -> None:
    cell = Entities(Key("user"))
    state = seen(*((f"user-{n}", 0) for n in range(1_000)), ("user-1", 70))
    moved = cell.shift(state, 64, 64)
    assert moved is not None
    assert all(bits == 1 << 6 for bits in moved[1].values())
    assert cell.shift(state, 128, 128) == (0, {})
