"""Figures as people read them."""

from fractions import Fraction

from scorecard.catalogue import entry_of
from scorecard.figure import Figure
from scorecard.money import exponent, major
from scorecard.report.line import in_money

NONE = "-"
"""In the place of a value that there is not."""

WHOLE_FROM = 1_000
"""Amounts from so many major units on are shown without the minor ones; machine output has them."""


def value(figure: Figure, currency: str) -> str:
    """The value of a figure with its unit.

    >>> value(Figure.ratio("R3", 105, 100, n=3, empty=""), "USD")
    '105.0 %'
    """
    return number(figure.id, figure.value, currency)


def number(figure: str, found: Fraction | None, currency: str) -> str:
    """A number in the unit of a figure."""
    if found is None:
        return NONE
    entry = entry_of(figure)
    unit = entry.unit_of(figure)
    if unit == "money":
        return money(round(found), currency)
    if unit in ("share", "ratio"):
        return f"{100 * float(found):.1f} %"
    if unit == "difference":
        return f"{100 * float(found):+.1f} points"
    return _plain(found)


def made_of(figure: Figure, currency: str) -> str:
    """Numerator and denominator of a figure; empty where it is no quotient.

    >>> made_of(Figure.ratio("R3", 105_00, 100_00, n=3, empty=""), "USD")
    '105.00 USD / 100.00 USD'
    >>> made_of(Figure.ratio("X4", 900_00, 2, n=2, unit="money", empty=""), "USD")
    '900.00 USD / 2'
    """
    if figure.numerator is None or figure.denominator is None:
        return ""
    amounts = in_money(figure)
    parts = (("numerator", figure.numerator), ("denominator", figure.denominator))
    return " / ".join(money(round(part), currency) if name in amounts else _plain(part) for name, part in parts)


def _plain(found: Fraction | int) -> str:
    return f"{int(found):,}" if Fraction(found).denominator == 1 else f"{float(found):,.1f}"


def money(cents: int, currency: str, *, exact: bool = False) -> str:
    """An amount; `exact` to the minor unit whatever its size.

    >>> money(123_456_78, "EUR"), money(123_456_78, "EUR", exact=True)
    ('123,457 EUR', '123,456.78 EUR')
    """
    amount = major(cents, currency)
    digits = exponent(currency) if exact or abs(amount) < WHOLE_FROM else 0
    return f"{amount:,.{digits}f} {currency}"


def interval(figure: Figure, currency: str) -> str:
    """The ends of a figure's interval; empty where it has none."""
    if figure.low is None or figure.high is None:
        return ""
    low, high = (number(figure.id, Fraction(end), currency) for end in (figure.low, figure.high))
    return f"{low} to {high}"
