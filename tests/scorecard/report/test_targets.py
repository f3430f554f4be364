"""G1 and G2: which target and which benchmark apply, by hand."""

from fractions import Fraction

import pytest

from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.report import benchmarks, targets
from scorecard.settings.file import load_scorecard
from tests.scorecard.facets.said import told

SETTINGS = load_scorecard(
    """
version: "1"
currency: JPY
business: {model: saas}
targets:
  - {metric: R3, at_least: 1.00}
  - {metric: R3, at_least: 1.02, period: "2026"}
  - {metric: R3, at_least: 1.05, period: 2026-Q3}
  - {metric: R3, at_least: 1.20, cohort: {segment: enterprise}}
  - {metric: A1, at_most: 20}
  - {metric: X1, at_least: 5000}
benchmarks:
  - {metric: R3, value: 1.01, source: "Survey A"}
  - {metric: R3, value: 1.04, source: "Survey B", model: saas, industry: retail}
  - {metric: R3, value: 1.10, source: "Survey C", model: saas, acv: {at_least: 100, below: 200}}
  - {metric: R3, value: 2.00, source: "of others", model: marketplace}
  - {metric: A1, value: 30, source: "Survey D"}
""",
    file="scorecard.yaml",
)


def nrr(value: Fraction | None) -> Figure:
    return Figure("R3", value, None if value is not None else "nothing", None, None, 9, "ratio")


def held(figure: Figure, period: str, **cohort: str) -> targets.Held:
    found = targets.held(figure, cohort, Period.parse(period), SETTINGS.targets, SETTINGS.currency)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("period", "cohort", "goal"),
    [
        ("2025-Q3", {}, "1.00"),  # the one of every period
        ("2026-Q1", {}, "1.02"),  # the year's holds for a quarter of it
        ("2026-Q3", {}, "1.05"),  # the shorter period wins
        ("2026-08", {}, "1.05"),  # a month of the quarter
        ("2026-07-01..2026-11-01", {}, "1.02"),  # not within the quarter
        ("2026-Q3", {"segment": "smb"}, "1.05"),  # a cohort without a target of its own
        ("2026-Q3", {"segment": "enterprise"}, "1.20"),  # the cohort's wins over the period's
        ("2026-Q3", {"segment": "enterprise", "region": "emea"}, "1.20"),  # a part of the cohort
    ],
)
def test_g1_the_target_that_says_most_applies(period: str, cohort: dict[str, str], goal: str) -> None:
    """G1"""
    assert held(nrr(Fraction(1)), period, **cohort).goal == Fraction(goal)


def test_g1_attainment_counts_what_can_be_judged() -> None:
    """G1. NRR 1.05 of 1.05: met, at the border; A1 21 days of at most 20: not; expansion 5,000 yen of 5,000: met, since
    yen have no minor unit; NRR without a value: listed and not judged. 2 of 3."""
    found = [
        held(nrr(Fraction("1.05")), "2026-Q3"),
        held(Figure("A1", Fraction(21), None, 5, 9, 9, "days"), "2026-Q3"),
        held(Figure.amount("X1", 5000, n=3), "2026-Q3"),
        held(nrr(None), "2026-Q3"),
    ]
    assert [one.met for one in found] == [True, False, True, None]
    share = targets.attainment(found)
    assert told(share.value, share.denominator, share.n) == (Fraction(2, 3), 3, 4)
    assert targets.attainment([]).reason == "no target applies"
    assert targets.held(Figure.amount("H5", 3, n=3), {}, Period.parse("2026"), SETTINGS.targets, "JPY") is None


def compared(figure: Figure, *, industry: str | None = None, acv: int | None = None) -> benchmarks.Compared:
    found = benchmarks.compared(
        figure, SETTINGS.benchmarks, model=SETTINGS.business.model, industry=industry,
        acv=None if acv is None else Fraction(acv), currency=SETTINGS.currency,
    )  # fmt: skip
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("industry", "acv", "source"),
    [
        (None, None, "Survey A"),
        ("retail", None, "Survey B"),  # names model and industry
        ("retail", 99, "Survey B"),  # below the band of contract values
        (None, 100, "Survey C"),  # the band begins there
        (None, 200, "Survey A"),  # and ends before
    ],
)
def test_g2_the_benchmark_that_names_most_and_fits_applies(industry: str | None, acv: int | None, source: str) -> None:
    """G2: by business model, industry and revenue per account; that of another model never."""
    assert compared(nrr(Fraction(1)), industry=industry, acv=acv).benchmark.source == source


def test_g2_as_good_as_the_benchmark_whichever_direction_is_good() -> None:
    """G2. NRR 1.01 of 1.01: as good; A1 29 days of 30: better, since shorter is; 31: worse. 2 of 3."""
    found = [
        compared(nrr(Fraction("1.01"))),
        compared(Figure("A1", Fraction(29), None, 5, 9, 9, "days")),
        compared(Figure("A1", Fraction(31), None, 5, 9, 9, "days")),
        compared(nrr(None)),
    ]
    assert [one.at_least for one in found] == [True, True, False, None]
    assert [one.difference for one in found] == [0, -1, 1, None]
    assert benchmarks.attainment(found).value == Fraction(2, 3)
