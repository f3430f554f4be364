"""What is said of a lift: balance, placebo, power and words, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.balance import Balance, balance
from scorecard.bootstrap import Interval, effective_n, interval
from scorecard.lift import Drawing, Lift, compare
from scorecard.panel import Panel
from scorecard.placebo import Passed, Placebo, judged
from scorecard.placebo import placebo as made
from scorecard.power import accounts_for, smallest_lift
from scorecard.unit import Outcome, Unit
from scorecard.wording import Conclusion, Design, Strength, conclude
from tests.scorecard.test_lift import ACADEMY, BOOK, unit

HOW = Drawing(seed=1, resamples=200)

CLAIMS = ("caus", "because", "due to", "thanks", "drove", "drives", "led to", "result", "effect", "impact", "made")
"""Words that say more than an observation can."""
DENIAL = "which does not show that it made it"

SURE = [unit(n, "smb", 100, 150, ACADEMY) for n in range(20)] + [unit(100 + n, "smb", 100, 120) for n in range(20)]
ALIKE = [unit(n, "smb", 100, 90 + n, ACADEMY) for n in range(20)] + [
    unit(100 + n, "smb", 100, 90 + n) for n in range(20)
]
FINE = Balance("tenure_days", 1.0, 1.0, 0.3, 0.0)


def placebo(value: float, low: float, high: float) -> Placebo:
    return judged(Lift(Outcome.NRR, value, None, Interval(low, high, 0.95, 0.02), None, 1.0, 1.0, value), 40)


PASSED, FAILED = placebo(0.0, -0.04, 0.04), placebo(0.08, 0.04, 0.12)


def said(units: list[Unit], rows: list[Balance], test: Placebo | None, design: Design = Design.OBSERVED) -> Conclusion:
    found = compare(Panel.of(units), ["segment"], HOW)
    return conclude(found.lifts[Outcome.NRR], found, rows, test, design)


def test_a_difference_between_arms_that_were_alike_goes_with_exposure_and_no_more() -> None:
    found = said(SURE, [FINE], PASSED)
    assert found.strength is Strength.ASSOCIATED
    assert found.sentence == (
        "NRR of exposed accounts differed from that of comparable accounts by +30.0 points (95% interval +30.0 points "
        "to +30.0 points): exposure goes with the difference, which does not show that it made it."
    )
    assert found.caveats == ()


def test_a_difference_after_a_failed_placebo_is_in_doubt() -> None:
    found = said(SURE, [FINE], FAILED)
    assert found.strength is Strength.DOUBTFUL
    assert found.caveats == ("the arms already differed by +8.0 points before exposure",)


def test_a_difference_between_unlike_arms_is_in_doubt() -> None:
    found = said(SURE, [FINE._replace(after=0.3)], PASSED)
    assert found.strength is Strength.DOUBTFUL
    assert found.caveats == ("after matching the arms still differ (beyond 0.1 standard deviations) in tenure_days",)


def test_no_difference_says_how_large_a_one_would_have_been_seen() -> None:
    found = said(ALIKE, [FINE], PASSED)
    assert found.strength is Strength.NOT_SEEN
    assert "would have been seen in 80% of cases" in found.sentence


def test_what_was_not_matched_on_is_told() -> None:
    found = compare(Panel.of(SURE), ["segment"], HOW)._replace(dropped=("start", "health"))
    caveats = conclude(found.lifts[Outcome.NRR], found, [FINE], PASSED).caveats
    assert caveats == ("not matched on start, health: with it too few accounts would be comparable",)


def test_only_exposure_by_lot_has_an_effect() -> None:
    assert said(SURE, [FINE], PASSED, Design.RANDOMISED).strength is Strength.EFFECT


def test_nothing_is_said_where_nothing_can_be_compared_and_every_caveat_is_told() -> None:
    found = said(BOOK, [], None)
    assert found.strength is Strength.NOTHING
    assert found.sentence.startswith("Nothing can be said of NRR: exposed accounts are worth 2.9 of equal size")
    assert found.caveats == (
        "only 28% of the exposed revenue has comparable accounts: the lift is of that part",
        "3 strata could not be compared; they are listed",
        "whether the arms were alike before exposure could not be tested",
    )


@settings(max_examples=40)
@given(
    st.sampled_from([SURE, ALIKE, BOOK, BOOK[8:10], []]),
    st.lists(st.builds(Balance, st.just("x"), st.just(1.0), st.just(1.0), st.just(0.0), st.floats(-1, 1)), max_size=3),
    st.sampled_from([None, PASSED, FAILED]),
)
def test_no_observed_lift_is_ever_told_in_words_that_claim_a_cause(
    units: list[Unit], rows: list[Balance], test: Placebo | None
) -> None:
    found = said(units, rows, test)
    text = " ".join([found.sentence, *found.caveats]).replace(DENIAL, "").lower()
    assert not [claim for claim in CLAIMS if claim in text]


def test_a_placebo_over_a_time_in_which_nothing_moved_is_not_possible_and_not_passed() -> None:
    """C4: null with the reason; one account that moved makes it a test."""
    still = [one._replace(before=(100, 100, 100, 0, 0, 0)) for one in ALIKE]
    found = made(Panel.of(still), ["segment"], HOW)
    assert (found.passed, found.lift.value, found.lift.interval, found.n) == (Passed.UNKNOWN, None, None, 40)
    assert f"{found.passed.value}: {found.lift.reason}".startswith("not possible: nothing moved")
    moved = [*still[1:], still[0]._replace(before=ALIKE[0].amounts)]
    assert made(Panel.of(moved), ["segment"], HOW).passed is Passed.YES
    assert said(SURE, [FINE], found).caveats == (
        f"whether the arms were alike before exposure could not be tested: {found.lift.reason}",
    )


def test_a_placebo_without_an_interval_has_not_been_passed() -> None:
    lift = PASSED.lift._replace(interval=None)
    assert judged(lift, 3).passed is Passed.UNKNOWN


def test_the_smallest_lift_is_that_of_the_textbook() -> None:
    # 1.96 + 0.8416 = 2.8016 standard errors
    assert smallest_lift(Interval(0.0, 0.0, 0.95, 0.01)) == pytest.approx(0.028016, abs=1e-6)
    # to see half of it takes four times the accounts
    assert accounts_for(0.014008, Interval(0.0, 0.0, 0.95, 0.01), 1000) == pytest.approx(4000, abs=2)
    with pytest.raises(ValueError, match="lift=0: no number of accounts shows it"):
        accounts_for(0.0, Interval(0.0, 0.0, 0.95, 0.01), 1000)


def balanced(units: list[Unit]) -> dict[str, Balance]:
    panel = Panel.of(units)
    return {row.name: row for row in balance(panel, compare(panel, ["segment"], HOW))}


def test_balance_by_hand() -> None:
    """Tenure, weighted by revenue. smb: exposed a 10 (100), others c 10 (100), d 30 (100); enterprise: exposed e 40
    (300), other f 40 (100), each twice, so that arms have two accounts.

    Before: exposed (10 * 100 + 40 * 300) / 400 = 32.5, variance (100 * 22.5^2 + 300 * 7.5^2) / 400 = 168.75; others
    (10 + 30 + 40) / 3 = 26.667, variance (16.667^2 + 3.333^2 + 13.333^2) / 3 = 155.56: 5.8333 / sqrt(162.153) = 0.4581.
    After: others of smb weigh 100 together, mean 20; of enterprise 300, mean 40: 35. (32.5 - 35) / 12.734 = -0.1963.
    """
    rows = [
        unit(1, "smb", 100, 100, ACADEMY)._replace(covariates={"tenure": 10.0}),
        unit(2, "smb", 100, 100)._replace(covariates={"tenure": 10.0}),
        unit(3, "smb", 100, 100)._replace(covariates={"tenure": 30.0}),
        unit(4, "enterprise", 300, 300, ACADEMY)._replace(covariates={"tenure": 40.0}),
        unit(5, "enterprise", 100, 100)._replace(covariates={"tenure": 40.0}),
    ]
    found = balanced([*rows, *(row._replace(number=10 + row.number) for row in rows)])
    assert list(found) == ["segment=enterprise", "segment=smb", "start", "start=1 of 1", "tenure"]
    tenure = found["tenure"]
    assert (tenure.exposed, tenure.control) == (32.5, 35.0)
    assert tenure.before == pytest.approx(0.4581, abs=1e-4)
    assert tenure.after == pytest.approx(-0.1963, abs=1e-4)
    assert not tenure.balanced
    assert not tenure.broken
    assert found["segment=smb"].after == pytest.approx(0.0, abs=1e-12)


def test_what_is_known_of_some_units_only_is_judged_on_those() -> None:
    found = balanced([item._replace(covariates={"health": 50.0} if item.number in (1, 3) else {}) for item in BOOK])
    assert (found["health"].before, found["health"].balanced) == (0.0, True), "it is the same in both arms"
    found = balanced([item._replace(covariates={"health": 50.0 + bool(item.programmes)}) for item in BOOK])
    assert found["health"].before is None, "it varies in neither, and yet the arms differ"
    assert not found["health"].balanced


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_the_effective_number_is_at_most_the_number_and_that_where_all_are_equal(weights: list[int]) -> None:
    found = effective_n([np.array(weights, np.float64)])
    assert 1.0 <= found <= len(weights) + 1e-9
    assert effective_n([np.full(len(weights), 7.0)]) == pytest.approx(len(weights))


def test_the_interval_of_many_accounts_is_the_percentile_interval_and_of_few_a_wider_one() -> None:
    draws = np.linspace(0.0, 1.0, 10_001)
    many, few = interval(draws, 0.95, 1e9), interval(draws, 0.95, 12.0)
    assert [many.low, many.high] == pytest.approx([0.025, 0.975], abs=1e-3)
    assert few.low < many.low
    assert few.high > many.high
