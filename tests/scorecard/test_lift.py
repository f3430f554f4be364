"""C3, C4 and C5 by hand, and the laws of the comparison."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scorecard.attribution import BASELINE, Model, attribute
from scorecard.comparison import programmes
from scorecard.lift import (
    EFFECTIVE_MIN,
    NO_STRATUM,
    Drawing,
    Lift,
    Study,
    compare,
    fraction,
    study,
)
from scorecard.panel import Panel
from scorecard.strata import SHARE_MIN, Stratum, Weights, match
from scorecard.touchpoint import Touchpoint
from scorecard.unit import Outcome, Unit
from tests.scorecard.units import sample

ACADEMY = frozenset({"academy"})
NOBODY: frozenset[str] = frozenset()


HOW = Drawing(seed=1, resamples=50)


def unit(number: int, segment: str, start: int, end: int, programmes: frozenset[str] = NOBODY) -> Unit:
    """What went is churn where nothing is left, else contraction."""
    lost = max(start - end, 0)
    amounts = start, end, min(start, end), max(end - start, 0), lost if end else 0, 0 if end else lost
    return Unit(number, amounts, {"segment": segment}, programmes)


BOOK = [
    # smb: exposed 180 / 200 = 0.9; others 240 / 400 = 0.6
    unit(1, "smb", 100, 100, ACADEMY),
    unit(2, "smb", 100, 80, ACADEMY),
    unit(3, "smb", 300, 240),
    unit(4, "smb", 100, 0),
    # enterprise: exposed 990 / 600 = 1.65; others 900 / 600 = 1.5
    unit(5, "enterprise", 400, 590, ACADEMY),
    unit(6, "enterprise", 200, 400, ACADEMY),
    unit(7, "enterprise", 300, 500),
    unit(8, "enterprise", 300, 400),
    # one arm only
    unit(9, "public", 1000, 3000, ACADEMY),
    unit(10, "public", 1000, 3000, ACADEMY),
    unit(11, "ngo", 50, 0),
    unit(12, "micro", 10, 10, ACADEMY),
    unit(13, "micro", 10, 10),
    unit(14, "micro", 10, 10),
]


def found(units: Sequence[Unit], weights: Weights = Weights.EXPOSED) -> Study:
    return study(sample(units, ["segment"]), HOW, weights)


def value(lift: Lift) -> float:
    assert lift.value is not None
    return lift.value


def test_c4_the_lift_is_the_weighted_sum_over_strata_by_the_exposed_revenue() -> None:
    # weights 200/800 and 600/800: 0.25 * (0.9 - 0.6) + 0.75 * (1.65 - 1.5) = 0.075 + 0.1125
    lift = found(BOOK).lifts[Outcome.NRR]
    assert value(lift) == pytest.approx(0.1875, abs=1e-15)
    assert lift.exposed == pytest.approx(1170 / 800, abs=1e-15)
    assert lift.control == pytest.approx(0.25 * 0.6 + 0.75 * 1.5, abs=1e-15)


def test_c4_by_all_revenue_a_stratum_weighs_both_its_arms() -> None:
    # weights 600/1800 and 1200/1800: 0.3 / 3 + 0.15 * 2 / 3
    assert value(found(BOOK, weights=Weights.ALL).lifts[Outcome.NRR]) == pytest.approx(0.2, abs=1e-15)


def test_c4_the_weights_are_told_and_add_up_to_one() -> None:
    seen = found(BOOK)
    assert seen.weights_of() == {("enterprise",): Fraction(3, 4), ("smb",): Fraction(1, 4)}


@pytest.mark.parametrize(
    ("outcome", "by_hand"),
    [
        (Outcome.GRR, 0.25 * (180 / 200 - 240 / 400) + 0.75 * (1 - 1)),
        (Outcome.EXPANSION, 0.25 * 0 + 0.75 * (390 / 600 - 300 / 600)),
        (Outcome.CONTRACTION, 0.25 * (20 / 200 - 60 / 400)),
        (Outcome.CHURN, 0.25 * (0 - 100 / 400)),
    ],
)
def test_c3_every_outcome_has_its_lift(outcome: Outcome, by_hand: float) -> None:
    assert value(found(BOOK).lifts[outcome]) == pytest.approx(by_hand, abs=1e-15)


def test_c4_strata_without_both_arms_are_listed_with_the_reason() -> None:
    left_out = {stratum.label: stratum.reason for stratum in found(BOOK).matching.left_out}
    assert left_out == {
        ("micro",): "only one exposed account",
        ("ngo",): "no exposed account",
        ("public",): "no control account",
    }


def test_c4_the_share_of_the_exposed_revenue_that_is_compared_is_told() -> None:
    assert found(BOOK).matching.share == Fraction(800, 2810)


def test_the_naive_difference_is_of_all_accounts() -> None:
    assert found(BOOK).lifts[Outcome.NRR].naive == pytest.approx(7180 / 2810 - 1160 / 1070, abs=1e-15)


def test_without_a_stratum_of_both_arms_there_is_no_lift_but_a_reason() -> None:
    lift = found(BOOK[8:10]).lifts[Outcome.NRR]
    assert (lift.value, lift.interval, lift.reason, lift.naive) == (None, None, NO_STRATUM, None)
    assert found([]).lifts[Outcome.NRR].reason == NO_STRATUM


def test_few_or_unequal_accounts_give_a_lift_and_no_interval_with_the_reason() -> None:
    # exposed weights 100, 100, 400, 200: 800^2 / 220,000 = 2.9 accounts of equal size
    # others 300, 100 (times 200/400), 300, 300 (times 600/600): 800^2 / (22,500 + 2,500 + 180,000) = 3.1
    lift = found(BOOK).lifts[Outcome.NRR]
    assert lift.interval is None
    assert (
        lift.no_interval == "exposed accounts are worth 2.9 of equal size and control accounts are worth 3.1 of equal "
        f"size: at least {EFFECTIVE_MIN:g} are needed"
    )
    assert not lift.seen


def test_what_was_not_active_at_the_start_or_lacks_a_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="unit 7: start 0: must be above 0"):
        found([unit(7, "smb", 0, 5)])
    with pytest.raises(ValueError, match="stratum 'industry': not known; there are segment, start"):
        sample(BOOK, ["industry"])
    with pytest.raises(ValueError, match=r"unit 2: dimensions \['region'\]: others than of those before"):
        sample([BOOK[0], BOOK[1]._replace(strata={"region": "emea"})], ["segment"])


def test_c4_dimensions_are_dropped_from_the_last_on_until_enough_is_comparable() -> None:
    # by colour no stratum has two of each side; by segment 800 of 810 of the exposed revenue is comparable
    coloured = [
        item._replace(strata={**item.strata, "colour": str(item.number)})
        for item in BOOK
        if item.strata["segment"] != "public"
    ]
    strict = compare(Panel.of(coloured), ["segment", "colour"], HOW)
    assert strict.matching.share == 0
    assert not strict.dropped
    found = compare(Panel.of(coloured), ["segment", "colour"], HOW, SHARE_MIN)
    assert (found.matching.dimensions, found.dropped) == (("segment",), ("colour",))
    assert value(found.lifts[Outcome.NRR]) == pytest.approx(0.1875, abs=1e-15)


def test_c4_the_first_dimension_stays_however_little_is_comparable() -> None:
    found = compare(Panel.of(BOOK), ["segment"], HOW, SHARE_MIN)
    assert (found.matching.dimensions, found.dropped, found.matching.share) == (("segment",), (), Fraction(800, 2810))


def test_c5_a_programme_is_compared_with_those_in_none() -> None:
    council = [
        item._replace(programmes=frozenset({"academy", "council"})) if item.number == 1 else item for item in BOOK
    ]
    council += [unit(15, "smb", 100, 150, frozenset({"council"}))]
    parts = dict(programmes(Panel.of(council)))
    lifts = {name: compare(part, ["segment"], HOW) for name, part in parts.items()}
    assert list(lifts) == ["academy", "council"]
    assert value(lifts["academy"].lifts[Outcome.NRR]) == value(found(BOOK).lifts[Outcome.NRR])
    # council: a 100 -> 100 and o 100 -> 150 against c and d
    assert value(lifts["council"].lifts[Outcome.NRR]) == pytest.approx(250 / 200 - 240 / 400)


def test_c6_only_a_lift_that_was_seen_takes_a_share_from_the_baseline() -> None:
    sure = [unit(n, "smb", 100, 150, ACADEMY) for n in range(20)] + [unit(100 + n, "smb", 100, 120) for n in range(20)]
    lift = found(sure).lifts[Outcome.EXPANSION]
    assert fraction(lift) == pytest.approx(0.6)  # (0.5 - 0.2) / 0.5
    assert fraction(found(BOOK).lifts[Outcome.EXPANSION]) == 0
    assert fraction(found(sure).lifts[Outcome.CHURN]) == 0
    credits_ = attribute(
        50, [Touchpoint("e1", "ann", "academy", 0.0, "m")], Model.LIFT, fractions={"academy": fraction(lift)}
    )
    assert [(credit.programme, credit.cents) for credit in credits_] == [("academy", 30), (BASELINE, 20)]


money = st.integers(1, 10**9)
units = st.lists(
    st.builds(
        lambda number, segment, start, factor, exposed: unit(
            number, segment, start, start * factor // 10, ACADEMY if exposed else NOBODY
        ),
        st.integers(0, 10**9),
        st.sampled_from("abcdef"),
        money,
        st.integers(0, 20),
        st.booleans(),
    ),
    max_size=60,
)
many = st.lists(units, min_size=3, max_size=6).map(lambda parts: [item for part in parts for item in part])


@given(units)
def test_strata_partition_the_units(population: list[Unit]) -> None:
    matching = match(sample(population, ["segment"]))
    listed: list[Stratum] = [*matching.strata, *matching.left_out]
    assert sorted(stratum.label[0] for stratum in listed) == sorted({item.strata["segment"] for item in population})
    assert sum(stratum.exposed.n + stratum.control.n for stratum in listed) == len(population)
    for place in range(6):
        total = sum(arm.amounts[place] for stratum in listed for arm in (stratum.exposed, stratum.control))
        assert total == sum(item.amounts[place] for item in population)


comparable = st.builds(
    lambda steps, seed: [
        unit(
            place, "abcdef"[place % 3], 50 + step % 101, (50 + step % 101) * (step % 7) // 4,
            ACADEMY if place % 2 else NOBODY,
        )
        for place, step in enumerate([*steps, *range(seed, seed + 60)])
    ],
    st.lists(st.integers(0, 10**6), max_size=20),
    st.integers(0, 10**6),
)  # fmt: skip
"""Large enough, and alike enough in size, for an interval."""


@pytest.mark.parametrize(("weights", "by_hand"), [(Weights.EXPOSED, 0.5 * 8000 / 8400), (Weights.ALL, 0.5 * 20 / 23.4)])
def test_c4_a_resample_weighs_strata_as_the_lift_does(weights: Weights, by_hand: float) -> None:
    """Without any chance inside the strata the interval is the lift itself: 50 points in one, none in the other.

    Revenue, exposed and others: large 8,000 and 12,000, small 400 and 3,000.
    """
    certain = [unit(0 + n, "large", 400, 600, ACADEMY) for n in range(20)]
    certain += [unit(100 + n, "large", 600, 600) for n in range(20)]
    certain += [unit(200 + n, "small", 20, 20, ACADEMY) for n in range(20)]
    certain += [unit(300 + n, "small", 150, 150) for n in range(20)]
    lift = found(certain, weights=weights).lifts[Outcome.NRR]
    assert lift.interval is not None
    assert [lift.value, lift.interval.low, lift.interval.high] == pytest.approx([by_hand] * 3)


@settings(max_examples=60)  # each example compares two populations
@given(st.one_of(many, comparable), st.randoms(use_true_random=False), st.permutations("abcdef"))
def test_neither_order_nor_names_change_a_lift_or_its_interval(
    population: list[Unit], random: object, names: str
) -> None:
    renamed = dict(zip("abcdef", names, strict=True))
    shuffled = [
        item._replace(number=10**6 - place, strata={"segment": renamed[item.strata["segment"]]})
        for place, item in enumerate(population)
    ]
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis's random
    assert found(shuffled).lifts == found(population).lifts


@settings(max_examples=60)  # each example compares two populations
@given(many, money, money, st.booleans())
def test_an_account_in_a_stratum_with_one_arm_changes_the_report_and_no_lift(
    population: list[Unit], start: int, end: int, exposed: bool
) -> None:
    more = [unit(10**10 + place, "z", start, end, ACADEMY if exposed else NOBODY) for place in range(3)]
    with_more, without = found(population + more), found(population)
    for outcome in Outcome:
        assert with_more.lifts[outcome]._replace(naive=None) == without.lifts[outcome]._replace(naive=None)
    assert [stratum.label for stratum in with_more.matching.left_out][-1] == ("z",)


@settings(max_examples=60)  # each example compares two populations
@given(many, st.sampled_from(Weights))
def test_the_lift_of_expansion_less_those_of_losses_is_the_lift_of_nrr(
    population: list[Unit], weights: Weights
) -> None:
    lifts = found(population, weights=weights).lifts
    assume(lifts[Outcome.NRR].value is not None)
    parts = value(lifts[Outcome.EXPANSION]) - value(lifts[Outcome.CONTRACTION]) - value(lifts[Outcome.CHURN])
    assert parts == pytest.approx(value(lifts[Outcome.NRR]), abs=1e-12)


@settings(max_examples=60)  # each example compares two populations
@given(many)
def test_the_point_lies_between_the_ends_of_what_was_resampled_when_the_arms_are_alike(population: list[Unit]) -> None:
    """The same accounts in both arms: no lift at all, and the interval says so."""
    twins = [
        item._replace(programmes=ACADEMY if exposed else NOBODY) for item in population for exposed in (True, False)
    ]
    lift = found(twins).lifts[Outcome.NRR]
    assume(lift.value is not None)
    assert lift.value == 0.0
    assert not lift.seen
