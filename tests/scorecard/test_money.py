"""Exact money and the rates that it is converted at."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.money import AMOUNT_MAX, MoneyError, exponent, major, minor
from scorecard.rates import Rates

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [
        (1200, "EUR", 120_000),
        (0.1, "EUR", 10),
        (0.30000000000000004, "EUR", 30),
        ("1200.505", "EUR", 120_050),
        ("1200.515", "EUR", 120_052),
        (1200.5, "JPY", 1200),
        (1201.5, "JPY", 1202),
        (1.2345, "KWD", 1234),
        (-3, "EUR", -300),
        (10**12, "EUR", 10**14),
        (1e3, "EUR", 100_000),
    ],
)
def test_an_amount_becomes_whole_minor_units_half_to_even(amount: object, currency: str, cents: int) -> None:
    assert minor(amount, currency) == cents


@pytest.mark.parametrize("amount", [None, True, "", "12 EUR", [1], {}, "NaN", "Infinity", AMOUNT_MAX + 1, -1e13])
def test_what_is_no_amount_is_refused(amount: object) -> None:
    with pytest.raises(MoneyError, match=r"number|limit"):
        minor(amount, "EUR")


@given(st.integers(-(10**15), 10**15), st.sampled_from(("EUR", "JPY", "KWD", "CLF")))
def test_minor_units_come_back_from_major_ones(cents: int, currency: str) -> None:
    if abs(cents) <= AMOUNT_MAX * 10 ** exponent(currency):
        assert minor(major(cents, currency), currency) == cents


@given(
    st.integers(-(10**14), 10**14),
    st.decimals("0.000001", 10**6, places=6).filter(lambda rate: rate > 0),
    st.sampled_from(("USD", "JPY", "KWD")),
)
def test_a_conversion_is_the_exact_product_rounded_half_to_even(amount: int, rate: Decimal, currency: str) -> None:
    exact = Fraction(amount) * Fraction(rate) * Fraction(10) ** (2 - exponent(currency))
    assert Rates("EUR", {currency: [(DAY, rate)]}).convert(amount, currency, DAY) == round(exact)


def test_a_rate_holds_from_its_day_and_the_first_one_before_it_too() -> None:
    rates = Rates("EUR", {"USD": [(date(2026, 7, 1), Decimal(2)), (date(2026, 1, 1), Decimal(1))]})
    days = (date(2020, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1))
    assert [rates.convert(100, "USD", day) for day in days] == [100, 100, 200, 200]
    assert rates.changes("USD", date(2020, 1, 1)) == [date(2026, 7, 1)]
    assert rates.changes("USD", date(2026, 7, 1)) == []
    assert rates.changes("EUR", date(2020, 1, 1)) == []


@pytest.mark.parametrize(
    "known",
    [[], [(DAY, Decimal(0))], [(DAY, Decimal(-1))], [(DAY, Decimal("NaN"))], [(DAY, Decimal(1)), (DAY, Decimal(2))]],
)
def test_rates_that_are_none_are_refused(known: list[tuple[date, Decimal]]) -> None:
    with pytest.raises(ValueError, match="rates of USD"):
        Rates("EUR", {"USD": known})


def test_a_currency_without_a_rate_is_not_known() -> None:
    rates = Rates("EUR", {"USD": [(DAY, Decimal(1))]})
    assert [rates.knows(currency) for currency in ("EUR", "USD", "SEK")] == [True, True, False]
    assert rates.currencies == ["EUR", "USD"]
    assert (rates.single, Rates("EUR").single) == (False, True)
