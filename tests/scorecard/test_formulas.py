"""R1 to R3, X1 to X5, E1 to E3 on numbers worked out by hand, with what they say where there is nothing to say."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.efficiency import (
    LIFE_YEARS_MAX,
    cac,
    clg_share,
    is_capped,
    ltv,
    ltv_to_cac,
    opportunities,
    payback,
    pipeline,
    spent,
)  # fmt: skip
from scorecard.expansion import (
    arpa,
    cross_sell_rate,
    expansion,
    paces,
    products_distribution,
    products_per_account,
    upsell_rate,
    velocity,
    waits,
)  # fmt: skip
from scorecard.figure import Figure
from scorecard.movement import Kind, Movement
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.record import pack, unpack
from scorecard.retention import grr, logo_retention, nrr
from scorecard.sheet import Sheet, sheet, sheets_by_product, total
from scorecard.spend import DEALINGS_MAX, SPENDS_MAX
from scorecard.tally import Tally
from scoring.event import Event

RATES = Rates("EUR", {"USD": [(date(2025, 1, 1), Decimal("0.9"))]})
QUARTER = Period.parse("2026-Q2")
HALF = Fraction(1, 2)


def row(account: str, product: str, kind: Kind, on: str, cents: int) -> Movement:
    return Movement(account, product, "s", kind, date.fromisoformat(on), cents, "EUR", cents, "m")


def event(name: str, number: int, day: str, **properties: Any) -> Event:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    return Event("us", "revenue", name, at, at, f"m-{number}", None, properties)


def test_x2_what_is_dropped_and_bought_again_is_no_cross_sell_to_who_has_everything() -> None:
    """X2: accounts that bought / accounts that could; of the two products it held both."""
    rows = [
        row("a", "core", Kind.NEW, "2025-05-01", 1000_00),
        row("a", "plan", Kind.CROSS_SELL, "2025-06-01", 100_00),
        row("a", "plan", Kind.CONTRACTION, "2026-04-10", -100_00),
        row("a", "plan", Kind.CROSS_SELL, "2026-05-10", 100_00),
    ]
    everything = frozenset({"core", "plan"})
    for of in (sheet(rows, QUARTER, RATES, everything), sheets_by_product(rows, QUARTER, RATES)["plan"]):
        assert (of.n_crossable, of.n_cross_sold, of.cross_sell) == (0, 0, 100_00)


@pytest.mark.parametrize("figure", [logo_retention, grr, nrr])
def test_retention_of_nobody_is_null_with_a_reason(figure: Any) -> None:
    """R1, R2, R3: zero start gives null, never zero or one."""
    found = figure(Sheet(n_new=3, new=500, total_end=500, n_end=3))
    assert (found.value, found.numerator, found.denominator, found.n) == (None, 0, 0, 0)
    assert "start of the period" in found.reason


def test_expansion_is_told_by_kind() -> None:
    """X1."""
    of = Sheet(n_expansion=4, n_upsell=3, n_cross_sell=2, n_usage=1, upsell=500, cross_sell=300, usage=200)
    kinds = [expansion(of, kind) for kind in (None, Kind.UPSELL, Kind.CROSS_SELL, Kind.USAGE)]
    assert [(one.numerator, one.n) for one in kinds] == [(1000, 4), (500, 3), (300, 2), (200, 1)]


def test_who_came_within_the_period_and_grew_is_in_expansion_and_not_in_what_is_per_account_of_the_start() -> None:
    """X1, X5, R3: the waterfall's bar is of all; a ratio is of those in its denominator."""
    old = [row("a", "core", Kind.NEW, "2025-05-01", 1000), row("a", "core", Kind.UPSELL, "2026-05-01", 100)]
    came = [
        row("b", "core", Kind.NEW, "2026-04-10", 1000),
        row("b", "core", Kind.UPSELL, "2026-05-01", 70),
        row("b", "plan", Kind.CROSS_SELL, "2026-06-01", 30),
    ]
    of = total(sheet(rows, QUARTER, RATES) for rows in (old, came))
    assert [(one.numerator, one.n) for one in (expansion(of), expansion(of, Kind.UPSELL))] == [(200, 2), (170, 2)]
    assert (expansion(of, Kind.CROSS_SELL).n, expansion(of, Kind.USAGE).n) == (1, 0)
    assert velocity(of, QUARTER).numerator == 100 == of.end - of.start


def test_who_could_buy_another_product_is_who_lacks_one() -> None:
    """X2: of three accounts one has both products; of the two that could one bought."""
    books = [
        [row("a", "core", Kind.NEW, "2025-01-01", 100), row("a", "plan", Kind.CROSS_SELL, "2025-02-01", 50)],
        [row("b", "core", Kind.NEW, "2025-01-01", 100), row("b", "plan", Kind.CROSS_SELL, "2026-05-01", 50)],
        [row("c", "core", Kind.NEW, "2025-01-01", 100), row("c", "core", Kind.UPSELL, "2026-05-01", 20)],
    ]
    catalogue = frozenset({"core", "plan"})
    of = total(sheet(rows, QUARTER, RATES, catalogue) for rows in books)
    assert cross_sell_rate(of)[1:] == (Fraction(1, 2), None, 1, 2, 2, "ratio", None, None)
    assert upsell_rate(of).value == Fraction(1, 3)
    by_product = [sheets_by_product(rows, QUARTER, RATES, catalogue) for rows in books]
    plan = total(one["plan"] for one in by_product)
    assert cross_sell_rate(plan).value == Fraction(1, 2)
    assert (plan.n_start, plan.cross_sell, plan.n_end) == (1, 50, 2)
    assert (
        cross_sell_rate(total([sheet(books[0], QUARTER, RATES, catalogue)])).reason
        == "every account has every product already"
    )


def test_products_per_account_have_a_mean_and_a_distribution() -> None:
    """X3, X4."""
    sheets = [Sheet(n_end=1, products_end=2, total_end=300), Sheet(n_end=1, products_end=1, total_end=100), Sheet()]
    assert products_per_account(total(sheets)).value == Fraction(3, 2)
    assert products_distribution(sheets) == {1: 1, 2: 1}
    assert arpa(total(sheets)).value == 200
    assert arpa(Sheet()).reason == products_per_account(Sheet()).reason == "no account is active at the end"


def test_velocity_is_per_account_and_quarter_whatever_the_period() -> None:
    """X5: 91 days are 91 x 16 / 1461 quarters."""
    found = velocity(Sheet(n_start=2, upsell=100, usage=100), QUARTER)
    assert found.value == Fraction(200) / (2 * Fraction(91 * 16, 1461))
    assert velocity(Sheet(), QUARTER).value is None


def test_the_pace_of_expansion_is_told_from_the_start_and_from_one_to_the_next() -> None:
    """X5: first after 100 days, then 30 days later; b came back, starts anew and takes 20 days."""
    a = [
        row("a", "core", Kind.NEW, "2025-12-29", 100),
        row("a", "core", Kind.UPSELL, "2026-04-08", 10),
        row("a", "plan", Kind.CROSS_SELL, "2026-04-08", 10),
        row("a", "core", Kind.UPSELL, "2026-05-08", 10),
        row("a", "core", Kind.UPSELL, "2026-07-08", 10),
    ]
    b = [
        row("b", "core", Kind.NEW, "2024-01-01", 100),
        row("b", "core", Kind.CHURN, "2025-01-01", -100),
        row("b", "core", Kind.REACTIVATION, "2026-05-01", 100),
        row("b", "core", Kind.USAGE, "2026-05-21", 10),
    ]
    first, following = paces(waits(a, QUARTER) + waits(b, QUARTER))
    assert (first.value, first.n) == (Fraction(60), 2)
    assert (following.value, following.n) == (Fraction(30), 1)
    assert paces(Tally()).to_first.reason == "no first expansion in the period"


@given(st.lists(st.lists(st.integers(0, 400), max_size=8), max_size=5))
def test_the_median_of_counted_days_is_that_of_the_days(of_entities: list[list[int]]) -> None:
    """X5: whoever has them, and in whatever order they were added up."""
    tallies = (Tally(Counter(f"next/{one}" for one in days)) for days in of_entities)
    days, found = [one for some in of_entities for one in some], paces(Tally.total(tallies)).to_next
    assert (found.value, found.n) == (median(days) if days else None, len(days))


def test_lifetime_value_is_arpa_by_margin_over_churn_in_years() -> None:
    """E1: 10 of 40 left in a quarter of 91 days: churn 0.25 x 365.25 / 91 a year; ARPA 1000; margin 0.8."""
    found = ltv(Sheet(n_start=40, n_churned=10, start=40_000), QUARTER, Fraction(4, 5))
    assert found.value == Fraction(800) / (Fraction(1, 4) * Fraction(1461, 4) / 91)


def test_lifetime_value_without_churn_stops_at_the_horizon() -> None:
    """E1: never infinity."""
    of = Sheet(n_start=40, start=40_000)
    assert ltv(of, QUARTER, Fraction(4, 5)).value == 800 * LIFE_YEARS_MAX
    assert ltv(of, QUARTER, Fraction(4, 5), 3).value == 2400
    assert is_capped(ltv(of, QUARTER, HALF))
    assert not is_capped(ltv(of._replace(n_churned=10), QUARTER, HALF))
    assert ltv(Sheet(), QUARTER, HALF).value is None


@given(st.integers(1, 500), st.integers(0, 500), st.integers(1, 10), st.sampled_from(["2026", "2026-Q2", "2026-02"]))
def test_lifetime_value_is_capped_exactly_where_it_is_said_to_be(n: int, churned: int, years: int, text: str) -> None:
    period, of = Period.parse(text), Sheet(n_start=n, n_churned=min(churned, n), start=n * 100)
    assert is_capped(ltv(of, period, HALF, years), years) == (ltv(of, period, HALF, years).value == 50 * years)


def test_cost_of_winning_ratio_and_payback() -> None:
    """E2: 900 spent on 3 accounts that bring 3600 a year together at half margin: 300 each, 50 a month, 6 months."""
    of = Sheet(n_new=3, new=3600)
    cost = cac(900, of)
    assert cost.value == 300
    assert payback(cost, of, HALF).value == 6
    assert ltv_to_cac(Figure.amount("E1", 900, n=9), cost).value == 3


def test_cost_of_winning_nobody_is_null_and_so_is_all_that_rests_on_it() -> None:
    """E2: null at zero customers."""
    cost = cac(900, Sheet())
    assert (cost.value, cost.reason) == (None, "no account was won in the period")
    assert payback(cost, Sheet(), HALF).reason == cost.reason
    assert ltv_to_cac(Figure.amount("E1", 900, n=9), cost).reason == cost.reason
    nothing = cac(0, Sheet(n_new=2))
    assert ltv_to_cac(Figure.amount("E1", 900, n=9), nothing).reason == "nothing was spent"
    assert payback(cac(10, Sheet(n_new=2)), Sheet(n_new=2), HALF).reason == "new accounts earn nothing"


def test_spend_is_told_by_motion_and_period_in_the_reporting_currency() -> None:
    """E2, E3: dollars at 0.9; what is wrong is itemised and counts nowhere."""
    book = Book("us")
    said = [
        event("spend_recorded", 1, "2026-04-01", motion="clg", amount=1000, currency="USD"),
        event("spend_recorded", 2, "2026-05-01", motion="outbound", amount=600, currency="EUR"),
        event("spend_recorded", 3, "2026-07-01", motion="clg", amount=5, currency="EUR"),
        event("spend_recorded", 4, "2026-05-01", motion="clg", amount=-5, currency="EUR"),
        event("spend_recorded", 5, "2026-05-01", motion="clg", amount=5, currency="SEK"),
        event("spend_recorded", 6, "2026-05-01", motion=["clg"], amount=5, currency="EUR"),
        event("spend_recorded", 7, "2026-05-01", motion="clg", currency="EUR"),
    ]
    changes = [book.take(one, RATES) for one in [*said, said[0]]]
    assert [spent(book.spends, QUARTER, motion) for motion in (None, "clg", "outbound")] == [150_000, 90_000, 60_000]
    assert clg_share(book.spends, QUARTER).value == Fraction(3, 5)
    assert [one.reason for change in changes for one in change.issues] == [
        "negative_price", "unknown_currency", "wrong_type", "not_an_amount",
    ]  # fmt: skip
    assert [change.spend is not None for change in changes] == [True, True, True, False, False, False, False, False]


def test_pipeline_is_put_together_in_any_order() -> None:
    """E3: of 4 opened 1000 of 1600 is influenced or sourced; of the 2 of them that closed 1 was won."""
    book = Book("us")
    said = [
        event("opportunity_opened", 1, "2026-04-01", opportunity_id="a", amount=400, currency="EUR", clg_sourced=True),
        event(
            "opportunity_opened", 2, "2026-04-02", opportunity_id="b", amount=500, currency="EUR", clg_influenced=True
        ),
        event("opportunity_opened", 3, "2026-04-03", opportunity_id="c", amount=600, currency="EUR"),
        event(
            "opportunity_opened", 4, "2026-01-03", opportunity_id="d", amount=900, currency="EUR", clg_influenced=True
        ),
        event("opportunity_won", 5, "2026-05-01", opportunity_id="b", amount=600, currency="EUR"),
        event("opportunity_lost", 6, "2026-05-02", opportunity_id="a"),
        event("opportunity_won", 7, "2026-05-02", opportunity_id="c", amount=600, currency="EUR"),
        event("opportunity_won", 8, "2026-05-02", amount=600, currency="EUR"),
    ]
    changes = [book.take(one, RATES) for one in reversed(said)]
    found = opportunities(book.dealings)
    of = pipeline(found, QUARTER, frozenset({"sourced", "influenced"}))
    assert (of.amount.value, of.amount.n) == (Fraction(100_000), 2)
    assert (of.win_rate.value, of.win_rate.n) == (Fraction(1, 2), 2)
    assert of.share.value == Fraction(1000, 1600)
    assert [one.reason for one in changes[0].issues] == ["wrong_type"]
    nothing = pipeline([], QUARTER, frozenset({"sourced"}))
    assert (nothing.win_rate.reason, nothing.share.reason) == ("none was closed", "nothing was opened")


def test_spends_and_opportunities_beyond_their_limits_are_folded_and_counted() -> None:
    book = Book("us")
    for number in range(SPENDS_MAX + 1):
        book.take(
            event("spend_recorded", number, f"2026-0{number % 6 + 1}-15", motion="clg", amount=1, currency="EUR"), RATES
        )
    assert len(book.spends) < SPENDS_MAX
    assert spent(book.spends, Period.parse("2026")) == (SPENDS_MAX + 1) * 100
    for number in range(DEALINGS_MAX + 2):
        said = {"opportunity_id": f"o-{number}", "amount": 1, "currency": "EUR"}
        book.take(event("opportunity_opened", -1 - number, "2026-01-01", **said), RATES)
    assert (len(book.dealings), book.dealings_earlier) == (DEALINGS_MAX, 2)
    again = unpack("us", pack(book))
    assert (again.spends, again.dealings, again.dealings_earlier) == (book.spends, book.dealings, 2)
