"""S1, S2: the best and the worst cohort of a figure, and why there are none."""

from fractions import Fraction

import pytest

from scorecard.figure import Figure
from scorecard.report.ends import COHORT_MIN, NOT_OF_COHORTS, ends
from scorecard.report.measured import NOT_BY_PRODUCT

Cohorts = dict[tuple[str, ...], dict[str, Figure]]

BY = ("segment",)


def of(figure: str, value: int | None, n: int = 9, *, low: float | None = None, reason: str = "nobody") -> Figure:
    known = None if value is None else Fraction(value)
    return Figure(figure, known, reason if value is None else None, 1, n, n, "days", low, low)


def test_s1_best_and_worst_are_by_what_is_good_and_rest_on_enough() -> None:
    """S1: the shortest time to value is best; a cohort of 2 accounts is none, and one without a value neither."""
    cohorts: Cohorts = {
        ("smb",): {"A1": of("A1", 12)}, ("mid",): {"A1": of("A1", 30)}, ("tiny",): {"A1": of("A1", 1, n=2)},
        ("new",): {"A1": of("A1", None)},
    }  # fmt: skip
    found = ends("A1", cohorts, BY)
    assert (found.best, found.worst) == ((("smb",), of("A1", 12)), (("mid",), of("A1", 30)))
    assert (found.dimensions, found.reason) == (BY, None)


def test_c4_c5_a_lift_without_an_interval_is_neither_best_nor_worst() -> None:
    """C4, C5: the largest lift, of 900 accounts of which one is nearly all, has none; C3 has one nowhere."""
    cohorts: Cohorts = {
        (name,): {"C4": of("C4", value, n, low=low)}
        for name, value, n, low in (("a", 3, 90, 1.0), ("b", 1, 90, -1.0), ("c", 9, 900, None))
    }  # fmt: skip
    found = ends("C4", cohorts, BY)
    assert found.best is not None
    assert found.worst is not None
    assert (found.best[0], found.worst[0]) == (("a",), ("b",))
    del cohorts["a",]
    assert ends("C4", cohorts, BY).reason == "fewer than two of 2 rest on 5 or more with an interval"


def test_c3_a_difference_of_arms_rests_on_the_smaller_one() -> None:
    """C3: of a hundred accounts four are exposed in the one cohort, five in each other."""
    cohorts: Cohorts = {
        (name,): {
            "C3": of("C3", value, 100), "C3.exposed": of("C3.exposed", 1, exposed),
            "C3.other": of("C3.other", 1, 100 - exposed),
        }
        for name, value, exposed in (("a", 9, COHORT_MIN - 1), ("b", 3, COHORT_MIN), ("c", 1, COHORT_MIN))
    }  # fmt: skip
    found = ends("C3", cohorts, BY)
    assert found.best is not None
    assert found.best[0] == ("b",)
    del cohorts["c",]
    assert ends("C3", cohorts, BY).reason == "fewer than two of 2 rest on 5 or more in each arm"


@pytest.mark.parametrize(
    ("figure", "cohorts", "by", "reason"),
    [
        ("R3", {}, BY, "nothing is known of any segment"),
        ("R3", {("a",): {"R3": of("R3", 1)}}, BY, "fewer than two of 1 rest on 5 or more"),
        (
            "E2", {("a",): {"E2": of("E2", None)}, ("b",): {"E2": of("E2", None, reason="nothing was spent")},
                   ("c",): {"E2": of("E2", None, reason="nothing was spent")}}, BY,
            "none of 3 has a value: nothing was spent",
        ),
        ("C4", {("core",): {"R3": of("R3", 1)}}, ("product",), NOT_BY_PRODUCT),
        ("C8", {("a",): {"R3": of("R3", 1)}}, BY, "nothing is known of any segment"),
        ("S3", {("a",): {"R3": of("R3", 1)}}, BY, "it is of those who read, and not of accounts"),
        ("C2.movements", {("a",): {"R3": of("R3", 1)}}, BY, NOT_OF_COHORTS["C2"]),
        ("G1", {}, (), "each target is of the cohort that it names"),
    ],
)  # fmt: skip
def test_s2_why_no_cohort_is_best_is_said(figure: str, cohorts: Cohorts, by: tuple[str, ...], reason: str) -> None:
    """S2"""
    found = ends(figure, cohorts, by)
    assert (found.best, found.worst, found.reason) == (None, None, reason)
