"""C7: figures from other reports against the one formula, by hand.

The book: 1,000.00 at start. Upsell 120, cross-sell 50, usage 30, contraction -40, churn -100; one account that left (10
of the churn) came back with 10. So end = 1000 + 120 + 50 + 30 - 40 - 100 + 10 = 1070. New 200, which grew by 15 more
upsell (outside), reactivated 25 besides the 10, rates +35: total end = 1070 + 200 + 15 + 25 + 35 = 1345.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.period import Period
from scorecard.reconcile import Reported, judge, reconcile
from scorecard.sheet import Sheet
from scorecard.variants import Evidence, apart

QUARTER = Period.parse("2026-Q3")
SHEET = Sheet(
    n_start=10, n_retained=9, n_end=14, n_new=4, n_reactivated=1, n_churned=1, n_returned=1,
    start=1000_00, end=1070_00, kept=880_00, total_end=1345_00, new=200_00, reactivation=35_00, returned=10_00,
    upsell=135_00, cross_sell=50_00, usage=30_00, contraction=-40_00, churn=-100_00, fx=35_00, outside=15_00,
)  # fmt: skip
ENTITIES = [
    Sheet(n_start=1, start=800_00, end=1000_00, kept=800_00),
    Sheet(n_start=1, start=110_00, end=70_00, kept=70_00),
    Sheet(n_start=1, start=90_00, end=0),
]
EVIDENCE = Evidence(
    SHEET,
    QUARTER,
    periods={
        "2026-Q2": Sheet(n_start=9, start=900_00, end=981_00),
        "12m to 2026-09": Sheet(n_start=8, start=800_00, end=960_00),
    },
    cohorts={"segment=smb": Sheet(n_start=5, start=200_00, end=190_00)},
    apart=apart(ENTITIES),
)


def reported(text: str, metric: str = "NRR") -> Reported:
    return Reported.read("Sales", metric, "2026-Q3", text)


def test_the_book_of_this_test_closes() -> None:
    bars = SHEET.new + SHEET.reactivation + SHEET.upsell + SHEET.cross_sell + SHEET.usage
    assert SHEET.start + bars + SHEET.contraction + SHEET.churn + SHEET.fx == SHEET.total_end
    assert SHEET.end == (
        SHEET.start + SHEET.upsell + SHEET.cross_sell + SHEET.usage + SHEET.contraction + SHEET.churn
        + SHEET.returned - SHEET.outside
    )  # fmt: skip


@pytest.mark.parametrize("text", ["107%", "107.0%", "1.07", "1.0700", "107 %", "1.1"])
def test_c7_what_is_ours_as_far_as_it_is_printed_agrees(text: str) -> None:
    finding = judge(reported(text), EVIDENCE)
    assert finding.agrees
    assert finding.sentence == "agrees"


@pytest.mark.parametrize(
    ("text", "metric", "cause", "by_hand"),
    [
        ("128.5%", "NRR", "new", Fraction(1070 + 200 + 15, 1000)),
        ("109.5%", "NRR", "reactivation", Fraction(1070 + 25, 1000)),
        ("110.5%", "NRR", "fx", Fraction(1070 + 35, 1000)),
        ("117.0%", "NRR", "churn", Fraction(1070 + 100, 1000)),
        ("111.0%", "NRR", "contraction", Fraction(1070 + 40, 1000)),
        ("104.0%", "NRR", "usage", Fraction(1070 - 30, 1000)),
        ("102.0%", "NRR", "cross_sell", Fraction(1070 - 50, 1000)),
        ("93.5%", "NRR", "upsell", Fraction(1070 - 135, 1000)),
        ("88.0%", "NRR", "r2", Fraction(880, 1000)),
        ("90.0%", "NRR", "r1", Fraction(9, 10)),
        ("134.5%", "NRR", "all_revenue", Fraction(1345, 1000)),
        ("109.0%", "NRR", "period", Fraction(981, 900)),
        ("120.0%", "NRR", "period", Fraction(960, 800)),
        ("95.0%", "NRR", "cohort", Fraction(190, 200)),
        ("62.9%", "NRR", "mean", (Fraction(1000, 800) + Fraction(70, 110) + 0) / 3),
        ("117.6%", "NRR", "survivors", Fraction(1070, 910)),
        ("7.0%", "NRR", "change", Fraction(7, 100)),
        ("91.26%", "NRR", "average_base", Fraction(2 * 1070, 2345)),
        ("130.8%", "NRR", "annualised", Fraction(1.07 ** (365 / 92))),
        ("113.0%", "NRR", "reactivation+fx", Fraction(1070 + 25 + 35, 1000)),
        ("121.0%", "NRR", "churn+contraction", Fraction(1070 + 100 + 40, 1000)),
        ("107.0%", "GRR", "r3", Fraction(1070, 1000)),
        ("54.5%", "GRR", "mean", (1 + Fraction(70, 110) + 0) / 3),
        ("95.6%", "GRR", "survivors", Fraction(870, 910)),
        ("86.0%", "GRR", "movements", Fraction(1000 - 140, 1000)),
        ("140.0%", "logo_retention", "logos_with_new", Fraction(14, 10)),
    ],
)
def test_c7_the_likeliest_reason_is_found_by_computing_it_wrongly(
    text: str, metric: str, cause: str, by_hand: Fraction
) -> None:
    finding = judge(reported(text, metric), EVIDENCE)
    assert finding.agrees is False
    assert finding.causes, finding.sentence
    first = finding.causes[0]
    assert first.id == cause
    assert float(first.value) == pytest.approx(float(by_hand), abs=1e-12)


def test_c7_the_annualised_example_is_what_a_quarter_to_the_power_of_four_gives() -> None:
    assert pytest.approx(1.308, abs=0.0005) == 1.07 ** (365 / 92)


def test_c7_a_figure_that_nothing_explains_says_so_and_names_what_comes_nearest() -> None:
    finding = judge(reported("171.35%"), EVIDENCE)
    assert finding.causes == ()
    assert finding.nearest is not None
    assert finding.difference == Fraction(6435, 10_000)
    assert finding.sentence.startswith("+64.35 points off; no common way to compute it gives this figure; nearest: it")


def test_c7_several_ways_that_fit_are_all_told() -> None:
    finding = judge(reported("110%"), EVIDENCE)  # 109.5 % to 110.5 %: with reactivated accounts, and at current rates
    assert [cause.id for cause in finding.causes][:2] == ["reactivation", "fx"]
    assert finding.sentence.startswith("+3.00 points off; likeliest: it includes reactivated accounts (or ")


def test_c7_the_score_counts_nrr_figures_that_could_be_compared() -> None:
    found = reconcile(
        [
            (reported("107%"), EVIDENCE),
            (reported("110.5%"), EVIDENCE),
            (reported("90%", "R1"), EVIDENCE),
            (reported("107%"), "the period has not begun"),
            (reported("107%"), Evidence(Sheet(), QUARTER)),
        ]
    )
    assert (found.consistency.id, found.consistency.value, found.consistency.n) == ("C7", Fraction(1, 2), 2)
    assert [finding.agrees for finding in found.findings] == [True, False, True, None, None]
    assert found.findings[3].sentence == "can't be compared: the period has not begun"
    assert found.findings[4].reason == "recurring revenue at the start of the period is zero"
    assert reconcile([]).consistency.reason == "no figure of NRR that can be compared was handed in"


def test_c7_whose_report_it_is_must_be_a_text_that_a_database_can_hold() -> None:
    with pytest.raises(ValueError, match=r"source 'a.x00': must not hold U\+0000"):
        Reported.read("a\0", "nrr", "2026-Q3", "1.1")


@pytest.mark.parametrize(
    ("metric", "text", "message"),
    [
        ("arr", "107%", "metric 'arr': one of"),
        ("nrr", "107,4%", "value '107,4%': a ratio such as 1.124, or a percentage such as 112.4%"),
        ("nrr", "", "value '': a ratio"),
        ("nrr", "nan", "value 'nan': a ratio"),
        ("nrr", "107.4", r"value '107.4': beyond 5 as a ratio; write 107.4% if it is a percentage"),
    ],
)
def test_c7_what_cannot_be_read_without_guessing_is_refused(metric: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reported(text, metric)


@given(st.integers(1, 10**12), st.integers(0, 2 * 10**12), st.integers(0, 6))
def test_c7_our_own_figure_printed_to_any_digit_agrees(start: int, end: int, digits: int) -> None:
    evidence = Evidence(Sheet(n_start=1, start=start, end=min(end, 5 * start)), QUARTER)
    printed = round(Fraction(evidence.sheet.end, start) * 10**digits)
    text = f"{Decimal(printed).scaleb(-digits):f}"
    assert judge(reported(text), evidence).agrees


def test_c7_a_leap_of_one_day_is_compared_though_nobody_could_scale_it_to_a_year() -> None:
    evidence = Evidence(Sheet(n_start=1, start=1_00, end=1_000_000_00), Period.parse("2026-07-15"))
    finding = judge(reported("112%"), evidence)
    assert finding.agrees is False
    assert "likeliest" not in finding.sentence
