"""Exchange rates: what one unit of a currency is worth in the reporting currency, from which day on."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from scorecard.money import exponent

DIGITS = 40
"""Of the arithmetic of a conversion: a largest amount times a rate of 20 digits is exact before it is rounded."""


class Rates:
    """Immutable. The reporting currency itself always has the rate one.

    >>> rates = Rates("EUR", {"USD": [(date(2026, 1, 1), Decimal("0.9")), (date(2026, 7, 1), Decimal("0.8"))]})
    >>> rates.convert(10_000, "USD", date(2026, 6, 30)), rates.convert(10_000, "USD", date(2026, 7, 1))
    (9000, 8000)
    """

    def __init__(self, reporting: str, rates: Mapping[str, Sequence[tuple[date, Decimal]]] | None = None) -> None:
        """`rates`: of each currency (day from which it holds, major units of `reporting` for one major unit).

        The first one is also used before its day (`starts`). ValueError where a rate is not above zero, or a currency
        has none.
        """
        self.reporting = reporting
        """ISO 4217 code."""
        self.single = not rates
        """Whether everything is in the reporting currency: an amount needs no currency beside it then."""
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Decimal]] = {}
        for currency, known in (rates or {}).items():
            steps = sorted(known)
            if not steps or any(not rate.is_finite() or rate <= 0 for _, rate in steps):
                raise ValueError(f"rates of {currency}: {known!r}: at least one, each above zero")
            if len({day for day, _ in steps}) < len(steps):
                raise ValueError(f"rates of {currency}: two rates from the same day on")
            self._days[currency] = [day for day, _ in steps]
            self._rates[currency] = [rate for _, rate in steps]

    @property
    def currencies(self) -> list[str]:
        """Those that can be converted, the reporting one first."""
        return [self.reporting, *sorted(self._rates)]

    def knows(self, currency: str) -> bool:
        return currency == self.reporting or currency in self._rates

    def convert(self, amount: int, currency: str, on: date) -> int:
        """Minor units of `currency` -> minor units of the reporting currency at the rate of the day `on`, half to even.

        KeyError for a currency without a rate: ask `knows` first.
        """
        if currency == self.reporting:
            return amount
        place = max(bisect_right(self._days[currency], on) - 1, 0)
        with localcontext(prec=DIGITS):
            value = Decimal(amount) * self._rates[currency][place]
            return int(value.scaleb(exponent(self.reporting) - exponent(currency)).to_integral_value(ROUND_HALF_EVEN))

    def starts(self, currency: str) -> date:
        """The day from which the first rate of a currency holds, which is also used before it; of the reporting one
        `date.min`. KeyError as for `convert`.
        """
        return date.min if currency == self.reporting else self._days[currency][0]

    def changes(self, currency: str, after: date) -> list[date]:
        """Days later than `after` from which another rate of the currency holds."""
        days = self._days.get(currency, [])
        return days[max(bisect_right(days, after), 1) :]
