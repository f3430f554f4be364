"""The newest answer, of the account or per person."""

import itertools

import pytest

from scoring.cells.key import Key
from scoring.cells.newest import PEOPLE_MAX, TEXT_MAX, Newest, NewestPer, scalar
from tests.scoring.histories import event, instant


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, 5), (5.5, 5.5), (True, True), ("text", "text"), ("x" * 500, "x" * TEXT_MAX), ("", ""),
        (None, None), ([1], None), ({"a": 1}, None),
    ],
)  # fmt: skip
def test_only_numbers_booleans_and_short_texts_are_worth_keeping(value: object, kept: object) -> None:
    assert scalar(value) == kept


def test_the_newest_value_is_kept_in_whatever_order_they_arrive() -> None:
    cell = Newest("stage")
    history = [
        event("changed", day, stage=stage) for day, stage in ((3.0, "adopt"), (1.0, "onboard"), (2.0, "realize"))
    ]
    for order in itertools.permutations([*history, event("changed", 9.0), event("changed", 9.0, stage=["x"])]):
        state = None
        for happened in order:
            state = cell.observe(state, [happened], [0], [1])
        assert state is not None
        assert (state[0], state[2]) == (instant(3.0), "adopt")


def test_of_two_values_of_the_same_instant_the_same_one_wins_in_either_order() -> None:
    cell = Newest("stage")
    one = event("changed", 1.0, stage="adopt", message_id="a")
    other = event("changed", 1.0, stage="expand", message_id="b")
    assert cell.observe(cell.observe(None, [one], [0], [1]), [other], [0], [1]) == cell.observe(
        cell.observe(None, [other], [0], [1]), [one], [0], [1]
    )


@pytest.mark.parametrize(
    ("score", "counts"), [(0, True), (10, True), (-0.01, False), (10.01, False), ("5", False), (True, False)]
)
def test_answers_out_of_range_do_not_count(score: object, counts: bool) -> None:
    cell = NewestPer(Key("user"), "score", 0.0, 10.0)
    assert (cell.observe(None, [event("answered", 1.0, user="ann", score=score)], [0], [1]) is not None) == counts


def test_the_newest_people_are_kept_whoever_comes_first() -> None:
    cell = NewestPer(Key("user"), "score", 0.0, 10.0)
    history = [event("answered", float(n), user=f"user-{n}", score=5) for n in range(PEOPLE_MAX + 20)]
    kept = []
    for order in (history, list(reversed(history))):
        state = None
        for happened in order:
            state = cell.observe(state, [happened], [0], [1])
        assert state is not None
        kept.append(state)
    assert kept[0] == kept[1]
    assert min(answer[0] for answer in kept[0].values()) == instant(20.0)
    assert len(kept[0]) == PEOPLE_MAX
