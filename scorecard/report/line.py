"""One line of a scorecard: a figure with everything that it is held against."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from scorecard.catalogue import entry_of
from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.money import major
from scorecard.period import Period
from scorecard.report import benchmarks, targets
from scorecard.report.benchmarks import Compared
from scorecard.report.ends import Ends
from scorecard.report.targets import Held
from scorecard.report.undated import UNDATED
from scorecard.settings.file import ScorecardFile

Json = dict[str, Any]


class Line(NamedTuple):
    """What is shown of a figure."""

    figure: Figure
    cohort: Mapping[str, str]
    """Its value of each dimension; empty for everybody."""
    held: Held | None
    before: Figure | None
    """The figure of the period before; None where there is none."""
    compared: Compared | None = None
    ends: Ends | None = None
    """None: of a cohort."""

    @property
    def change(self) -> Fraction | None:
        """Since the period before, in the figure's unit."""
        if self.before is None or self.before.value is None or self.figure.value is None:
            return None
        return self.figure.value - self.before.value

    @property
    def trend(self) -> str:
        """better, worse, as before, or nothing where it can't be told; up or down where neither direction is good."""
        change = self.change
        if change is None:
            return ""
        if change == 0:
            return "as before"
        good = entry_of(self.figure.id).good_of(self.figure.id)
        if good == "neither":
            return "up" if change > 0 else "down"
        return "better" if (change > 0) == (good == "up") else "worse"

    @property
    def no_trend(self) -> str | None:
        """Why there is no trend; None where there is one."""
        if self.trend:
            return None
        if self.figure.id in UNDATED:
            return UNDATED[self.figure.id]
        if self.figure.value is None:
            return "it has no value"
        return "nothing is known of the period before" if self.before is None else f"before: {self.before.reason}"

    def to_json(self, currency: str) -> Json:
        """As a part of an answer; amounts in major units of the currency."""
        entry, figure = entry_of(self.figure.id), self.figure
        held, compared = self.held, self.compared
        return {
            **figure_json(figure, currency),
            "title": entry.figures[figure.id].title,
            "cohort": dict(self.cohort),
            "owner": entry.owner,
            "review": entry.review,
            "good": entry.good_of(figure.id),
            "target": None if held is None else number(held.goal, figure, currency),
            "met": None if held is None else held.met,
            "before": None if self.before is None else number(self.before.value, figure, currency),
            "trend": self.trend,
            "no_trend": self.no_trend,
            "benchmark": None if compared is None else {
                "value": number(compared.value, figure, currency), "source": compared.benchmark.source,
                "difference": number(compared.difference, figure, currency), "at_least": compared.at_least,
            },
            **_ends_json(self.ends, currency),
        }  # fmt: skip


def line_of(
    settings: ScorecardFile,
    figures: Mapping[str, Figure],
    figure: str,
    cohort: Mapping[str, str],
    period: Period,
    before: Mapping[str, Figure],
) -> Line:
    """One of the figures of a cohort with what it is held against."""
    one, currency = figures[figure], settings.currency
    arpa = figures.get("X4")
    return Line(
        one,
        cohort,
        targets.held(one, cohort, period, settings.targets, currency),
        before.get(figure),
        benchmarks.compared(
            one, settings.benchmarks, model=settings.business.model, industry=cohort.get("industry"),
            acv=None if arpa is None else arpa.value, currency=currency,
        ),
    )  # fmt: skip


def _ends_json(found: Ends | None, currency: str) -> Json:
    if found is None:
        return {"best": None, "worst": None, "no_best": None}

    def told(end: tuple[Cohort, Figure] | None) -> Json | None:
        if end is None:
            return None
        values, figure = end
        return {
            "cohort": dict(zip(found.dimensions, values, strict=True)), "value": number(figure.value, figure, currency),
            "n": figure.n, "low": figure.low, "high": figure.high,
        }  # fmt: skip

    return {"best": told(found.best), "worst": told(found.worst), "no_best": found.reason}


def figure_json(figure: Figure, currency: str) -> Json:
    """A figure with what it is made of; amounts in major units of the currency."""
    return {
        "id": figure.id,
        "value": number(figure.value, figure, currency),
        "reason": figure.reason,
        "unit": currency if figure.unit == "money" else entry_of(figure.id).unit_of(figure.id),
        "numerator": _part(figure.numerator, "numerator", figure, currency),
        "denominator": _part(figure.denominator, "denominator", figure, currency),
        "n": figure.n,
        "low": figure.low,
        "high": figure.high,
    }


def number(value: Fraction | int | None, figure: Figure, currency: str) -> float | int | None:
    """A value of a figure as JSON has it: money in major units, to the minor one."""
    if value is None or figure.unit != "money":
        return _plain(value)
    return float(major(round(value), currency))


def in_money(figure: Figure) -> frozenset[str]:
    """Which of numerator and denominator are amounts."""
    said: frozenset[str] = frozenset(entry_of(figure.id).figures[figure.id].money)
    return said | {"numerator"} if figure.unit == "money" else said


def _part(value: Fraction | int | None, part: str, figure: Figure, currency: str) -> float | int | None:
    """Numerator or denominator of a figure."""
    return float(major(round(value), currency)) if value is not None and part in in_money(figure) else _plain(value)


def _plain(value: Fraction | int | None) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    return int(value) if value.denominator == 1 else float(value)
