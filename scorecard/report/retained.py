"""R1 to R4 of cohorts and of months, with the waterfall to the cent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from scorecard.figure import Figure
from scorecard.model.asked import ODD_MAX
from scorecard.model.rows import Cohort
from scorecard.money import major
from scorecard.period import Period, month_of, shifted
from scorecard.report.line import figure_json
from scorecard.report.source import Source
from scorecard.report.unbegun import unbegun
from scorecard.retention import Waterfall, grr, logo_retention, nrr, waterfall
from scorecard.sheet import Sheet
from scoring.days import iso

MONTHS_MAX = 120
"""Ten years of months are a long enough line."""


class Retained(NamedTuple):
    """A cohort in a period."""

    period: Period
    cohort: Mapping[str, str]
    """Its value of each dimension; empty for everybody."""
    sheet: Sheet
    known_to: date
    """The newest day that is known of."""
    known_at: float | None = None
    """As it was known then, unix seconds; None: as it is known."""

    @property
    def unbegun(self) -> str | None:
        """Why nothing is known of the period."""
        return unbegun(self.period, self.known_to)

    @property
    def figures(self) -> tuple[Figure, Figure, Figure]:
        """NRR, GRR and logo retention."""
        net, gross, logos = nrr(self.sheet), grr(self.sheet), logo_retention(self.sheet)
        reason = self.unbegun
        return (
            (net, gross, logos) if reason is None
            else (net.without(reason), gross.without(reason), logos.without(reason))
        )  # fmt: skip

    @property
    def waterfall(self) -> Waterfall:
        """R4."""
        return waterfall(self.sheet)

    def to_json(self, currency: str) -> dict[str, Any]:
        """As a part of an answer; amounts in major units of the currency. Nothing is zero of which nothing is known."""
        bars, begun = self.waterfall, self.unbegun is None
        return {
            "period": self.period.label,
            "cohort": dict(self.cohort),
            "known_to": str(self.known_to),
            "known_at": None if self.known_at is None else iso(self.known_at),
            "currency": currency,
            **{
                name: figure_json(figure, currency)
                for name, figure in zip(("nrr", "grr", "logo_retention"), self.figures, strict=True)
            },
            "waterfall": {
                name: float(major(cents, currency)) if begun else None for name, cents in bars._asdict().items()
            },
            "gap": float(major(bars.gap, currency)) if begun else None,
            "accounts": {
                name: getattr(self.sheet, f"n_{name}") if begun else None
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


def retained(source: Source, period: Period, by: Sequence[str] = (), known_at: float | None = None) -> list[Retained]:
    """Everybody, and then every cohort of the dimensions `by`; as it was known at an instant, cohorts and families as
    they are known now. Of a period that has not begun there are no cohorts. ValueError for a dimension that is not
    kept.
    """
    known_to = source.known_to(known_at)
    whole = Retained(period, {}, source.model.sheet(period, (), known_at).get((), Sheet()), known_to, known_at)
    if not by or whole.unbegun is not None:
        return [whole]
    cohorts = sorted(source.model.sheet(period, by, known_at).items())
    return [
        whole,
        *(Retained(period, dict(zip(by, values, strict=True)), sheet, known_to, known_at) for values, sheet in cohorts),
    ]


class Month(NamedTuple):
    """A month by itself, and the twelve that end with it."""

    month: Retained
    year: Retained

    def to_json(self, currency: str) -> dict[str, Any]:
        """As a part of an answer."""
        return {**self.month.to_json(currency), "trailing_12m": self.year.to_json(currency)}


def monthly(source: Source, months: int, by: Sequence[str] = (), known_at: float | None = None) -> list[Month]:
    """Everybody in the last whole months, oldest first, and then every cohort of the dimensions `by` (C8); known_at: as
    `retained` has it. ValueError for fewer months than one or more than MONTHS_MAX, and for a dimension that is not
    kept.
    """
    if not 1 <= months <= MONTHS_MAX:
        raise ValueError(f"{months} months: from 1 to {MONTHS_MAX}")
    running = month_of(source.today()).start
    over = [month_of(shifted(running, -back)) for back in range(months, 0, -1)]
    return [*_months(source, over, (), known_at), *(_months(source, over, by, known_at) if by else ())]


def _months(source: Source, over: Sequence[Period], by: Sequence[str], known_at: float | None) -> Iterator[Month]:
    """Cohort after cohort, each through all of the months."""
    known_to = source.known_to(known_at)
    years = [Period.parse(f"12m to {month.label}") for month in over]
    of_months, of_years = list[Mapping[Cohort, Sheet]](), list[Mapping[Cohort, Sheet]]()
    for place in range(0, len(over), ODD_MAX):
        of_months += source.model.series(over[place : place + ODD_MAX], by, known_at)
        of_years += source.model.series(years[place : place + ODD_MAX], by, known_at)
    for values in sorted({values for sums in (*of_months, *of_years) for values in sums}) if by else [()]:
        cohort = dict(zip(by, values, strict=True))
        for month, year, here, there in zip(over, years, of_months, of_years, strict=True):
            yield Month(
                Retained(month, cohort, here.get(values, Sheet()), known_to, known_at),
                Retained(year, cohort, there.get(values, Sheet()), known_to, known_at),
            )
