"""C6: five ways to divide a movement, each to the cent."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.attribution import BASELINE, UNTOUCHED, Model, apportion, attribute, by_programme, credited, shared_out
from scorecard.exposure import Move
from scorecard.movement import EXPANSION, Kind, Movement
from scorecard.touchpoint import Touchpoint
from scoring.days import DAY

# community 60 days, academy 30 days and council 0 days before the newest
TOUCHED = [
    Touchpoint("acme", "ann", "community", 0.0, "m-1"),
    Touchpoint("acme", "bob", "academy", 30 * DAY, "m-2"),
    Touchpoint("acme", None, "council", 60 * DAY, "m-3"),
]
FRACTIONS = {"academy": Fraction(1, 2), "community": Fraction(1, 5)}


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        (Model.LAST_TOUCH, [0, 0, 1000]),
        (Model.LINEAR, [334, 333, 333]),
        # half-lives 2, 1, 0: weights 1/4, 1/2, 1 of 7/4: 142.86, 285.71, 571.43; the cent goes to .86, then to .71
        (Model.TIME_DECAY, [143, 286, 571]),
        (Model.POSITION, [400, 200, 400]),
    ],
)
def test_c6_each_model_by_hand(model: Model, parts: list[int]) -> None:
    found = attribute(1000, TOUCHED, model)
    assert [credit.programme for credit in found] == ["community", "academy", "council"]
    assert [credit.cents for credit in found] == parts
    assert [credit.contact for credit in found] == ["ann", "bob", None]


def test_c6_position_of_two_is_half_and_half_and_of_one_all() -> None:
    assert [credit.cents for credit in attribute(101, TOUCHED[:2], Model.POSITION)] == [51, 50]
    assert [credit.cents for credit in attribute(101, TOUCHED[:1], Model.POSITION)] == [101]


def test_c6_by_lift_the_baseline_keeps_what_was_not_measured() -> None:
    # together 1 - 1/2 * 4/5 = 0.6 of 1000, shared as 5 : 2; the council's lift was not seen
    found = {credit.programme: credit.cents for credit in attribute(1000, TOUCHED, Model.LIFT, fractions=FRACTIONS)}
    assert found == {"academy": 429, "community": 171, "council": 0, BASELINE: 400}
    assert sum(found.values()) == 1000


def test_c6_by_lift_without_any_measured_lift_all_is_baseline() -> None:
    assert {credit.programme: credit.cents for credit in attribute(-7, TOUCHED, Model.LIFT)} == {
        "academy": 0, "community": 0, "council": 0, BASELINE: -7,
    }  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from([*Kind]), st.integers(-10_000, 10_000), st.integers(0, 3)), max_size=8),
    st.sampled_from([model for model in Model if model is not Model.LIFT]),
)
def test_c6_the_figure_is_what_any_model_but_the_lift_credits_programmes_with(
    moved: list[tuple[Kind, int, int]], model: Model
) -> None:
    on = date(2026, 5, 1)
    moves = [
        Move(Movement("acme", "core", "s", kind, on, cents, "EUR", cents, "m"), TOUCHED[:marks])
        for kind, cents, marks in moved
    ]
    parts = [
        by_programme(attribute(move.movement.cents, move.touchpoints, model))
        for move in moves
        if move.movement.kind in EXPANSION
    ]
    found = credited(shared_out(moves))
    assert found.value == sum(cents for one in parts for name, cents in one.items() if name != UNTOUCHED)
    assert found.n == len(parts)


def test_c6_what_nothing_touched_is_credited_to_nobody() -> None:
    assert [(credit.programme, credit.cents) for credit in attribute(-500, [], Model.LINEAR)] == [(UNTOUCHED, -500)]


def test_c6_a_share_beyond_all_and_a_half_life_of_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"fractions\['academy'\]=1.5: must be from 0 to 1"):
        attribute(1, TOUCHED, Model.LIFT, fractions={"academy": Fraction(3, 2)})
    with pytest.raises(ValueError, match="half_life_days=0: must be above 0"):
        attribute(1, TOUCHED, Model.TIME_DECAY, half_life_days=0)
    with pytest.raises(ValueError, match="none below zero, and some above"):
        apportion(1, [Fraction(0)])


touchpoints = st.lists(
    st.builds(
        Touchpoint,
        st.just("acme"),
        st.sampled_from([None, "ann", "bob"]),
        st.sampled_from(["academy", "community", "council"]),
        st.floats(0, 400 * DAY),
        st.uuids().map(str),
    ),
    max_size=12,
)
shares = st.fractions(0, 1, max_denominator=10**6)
fractions = st.dictionaries(st.sampled_from(["academy", "community", "council"]), shares)


@given(st.integers(-(10**13), 10**13), touchpoints, st.sampled_from(Model), fractions, st.floats(0.01, 1000))
def test_c6_every_model_adds_up_to_the_movement(
    cents: int, found: list[Touchpoint], model: Model, measured: dict[str, Fraction], half_life: float
) -> None:
    parts = attribute(cents, found, model, half_life_days=half_life, fractions=measured)
    assert sum(part.cents for part in parts) == cents
    assert all(part.cents * cents >= 0 for part in parts), "no part goes against the movement"
    assert sum(by_programme(parts).values()) == cents


@given(st.integers(-(10**9), 10**9), touchpoints, st.sampled_from(Model), fractions, st.randoms(use_true_random=False))
def test_c6_the_order_of_touchpoints_changes_nothing(
    cents: int, found: list[Touchpoint], model: Model, measured: dict[str, Fraction], random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis's random
    assert attribute(cents, shuffled, model, fractions=measured) == attribute(cents, found, model, fractions=measured)


@given(st.integers(0, 10**12), st.lists(shares, min_size=1, max_size=9).filter(any))
def test_c6_no_part_is_a_cent_or_more_from_its_exact_share(cents: int, weights: list[Fraction]) -> None:
    for part, weight in zip(apportion(cents, weights), weights, strict=True):
        assert abs(part - cents * weight / sum(weights)) < 1
