"""A number that a report shows, with all that one needs to trust it."""

from fractions import Fraction
from typing import NamedTuple


class Figure(NamedTuple):
    """Numerator over denominator, exact until it is shown; without a value it says why.

    >>> Figure.ratio("R1", 9, 10, n=10, empty="").value
    Fraction(9, 10)
    >>> Figure.ratio("R3", 0, 0, n=0, empty="no account was active at the start").reason
    'no account was active at the start'
    """

    id: str
    """Of the metric: "R3"."""
    value: Fraction | None
    reason: str | None
    """Why there is no value."""
    numerator: Fraction | int | None
    denominator: Fraction | int | None
    n: int
    """How many accounts (or movements, or persons: the metric says) it rests on."""
    unit: str
    """ratio, money (minor units of the reporting currency), accounts, days, months, products, ..."""
    low: float | None = None
    high: float | None = None
    """The interval's ends, where the figure is an estimate; in the same unit as `value`."""

    @classmethod
    def ratio(
        cls,
        metric: str,
        numerator: Fraction | int,
        denominator: Fraction | int,
        *,
        n: int,
        unit: str = "ratio",
        empty: str,
    ) -> "Figure":
        """The quotient; None with the reason `empty` where the denominator is not above zero."""
        if denominator <= 0:
            return cls(metric, None, empty, numerator, denominator, n, unit)
        return cls(metric, Fraction(numerator) / Fraction(denominator), None, numerator, denominator, n, unit)

    def without(self, reason: str) -> "Figure":
        """The same where nothing is known yet."""
        return Figure(self.id, None, reason, None, None, 0, self.unit)

    @classmethod
    def amount(cls, metric: str, value: Fraction | int, *, n: int, unit: str = "money") -> "Figure":
        """A figure that is not a quotient."""
        return cls(metric, Fraction(value), None, value, None, n, unit)
