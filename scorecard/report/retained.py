"""R1 to R4 of cohorts and of months, with the waterfall to the cent."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scorecard.figure import Figure
from scorecard.model.asked import ODD_MAX
from scorecard.money import major
from scorecard.period import Period, month_of, shifted
from scorecard.report.line import figure_json
from scorecard.report.source import Source
from scorecard.retention import Waterfall, grr, logo_retention, nrr, waterfall
from scorecard.sheet import Sheet

MONTHS_MAX = 120
"""Ten years of months are a long enough line."""


class Retained(NamedTuple):
    """A cohort in a period."""

    period: Period
    cohort: Mapping[str, str]
    """Its value of each dimension; empty for everybody."""
    sheet: Sheet

    @property
    def figures(self) -> tuple[Figure, Figure, Figure]:
        """NRR, GRR and logo retention."""
        return nrr(self.sheet), grr(self.sheet), logo_retention(self.sheet)

    @property
    def waterfall(self) -> Waterfall:
        """R4."""
        return waterfall(self.sheet)

    def to_json(self, currency: str) -> dict[str, Any]:
        """As a part of an answer; amounts in major units of the currency."""
        bars = self.waterfall
        return {
            "period": self.period.label,
            "cohort": dict(self.cohort),
            "currency": currency,
            **{
                name: figure_json(figure, currency)
                for name, figure in zip(("nrr", "grr", "logo_retention"), self.figures, strict=True)
            },
            "waterfall": {name: float(major(cents, currency)) for name, cents in bars._asdict().items()},
            "gap": float(major(bars.gap, currency)),
            "accounts": {
                name: getattr(self.sheet, f"n_{name}")
                for name in (
                    "start",
                    "retained",
                    "end",
                    "new",
                    "reactivated",
                    "churned",
                    "returned",
                    "expanded",
                    "contracted",
                )
            },
        }


def retained(source: Source, period: Period, by: Sequence[str] = ()) -> list[Retained]:
    """Everybody, and then every cohort of the dimensions `by`. ValueError for a dimension that is not kept."""
    whole = Retained(period, {}, source.model.sheet(period).get((), Sheet()))
    if not by:
        return [whole]
    cohorts = sorted(source.model.sheet(period, by).items())
    return [whole, *(Retained(period, dict(zip(by, values, strict=True)), sheet) for values, sheet in cohorts)]


class Month(NamedTuple):
    """A month by itself, and the twelve that end with it."""

    month: Retained
    year: Retained

    def to_json(self, currency: str) -> dict[str, Any]:
        """As a part of an answer."""
        return {**self.month.to_json(currency), "trailing_12m": self.year.to_json(currency)}


def monthly(source: Source, months: int) -> list[Month]:
    """Everybody in the last whole months, oldest first (C8). ValueError for fewer than one or more than MONTHS_MAX."""
    if not 1 <= months <= MONTHS_MAX:
        raise ValueError(f"{months} months: from 1 to {MONTHS_MAX}")
    running = month_of(source.today()).start
    over = [month_of(shifted(running, -back)) for back in range(months, 0, -1)]
    years = [Period.parse(f"12m to {month.label}") for month in over]
    sheets = source.model.series(over)
    for place in range(0, months, ODD_MAX):
        sheets += source.model.series(years[place : place + ODD_MAX])
    found = [Retained(period, {}, sums.get((), Sheet())) for period, sums in zip([*over, *years], sheets, strict=True)]
    return [Month(month, year) for month, year in zip(found[:months], found[months:], strict=True)]
