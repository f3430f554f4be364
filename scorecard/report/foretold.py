"""C8: NRR of the coming quarters, from those that are over."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from scorecard.figure import Figure
from scorecard.forecast import HORIZON_MAX, Forecast, forecast
from scorecard.period import Period, quarter_of, shifted
from scorecard.report.source import Source
from scorecard.retention import nrr
from scorecard.sheet import Sheet

QUARTERS_BACK = 20
"""Five years: what a business was before tells little of it."""


class Foretold(NamedTuple):
    """The quarters that are over, and those to come."""

    past: Sequence[tuple[Period, Figure]]
    """Since the first in which anybody was active at the start."""
    coming: Sequence[Period]
    forecast: Forecast

    def to_json(self) -> list[dict[str, Any]]:
        """A row for each quarter."""
        told, found = self.forecast, self.forecast.accuracy
        accuracy = None if found is None else {
            "origins": found.origins, "mean_error": found.error, "naive_mean_error": found.naive_error,
            "within_interval": found.covered, "better_than_naive": found.better,
        }  # fmt: skip
        past = [
            {"period": period.label, "kind": "past", "nrr": None if one.value is None else float(one.value),
             "reason": one.reason, "n": one.n}
            for period, one in self.past
        ]  # fmt: skip
        coming = [
            {"period": period.label, "kind": "forecast", "nrr": step.value, "low": step.low, "high": step.high,
             "level": told.level, "naive": step.naive, "method": told.method, "accuracy": accuracy}
            for period, step in zip(self.coming, told.steps, strict=False)
        ]  # fmt: skip
        if told.reason is not None:
            coming = [
                {"period": period.label, "kind": "forecast", "nrr": None, "reason": told.reason}
                for period in self.coming
            ]
        return [*past, *coming]


def foretell(source: Source, ahead: int = HORIZON_MAX, on: date | None = None) -> Foretold:
    """`ahead` quarters (1 to HORIZON_MAX) from those that were over on a day: the one that runs on it first. Without a
    day it is the newest that is known of.
    """
    running = quarter_of(on or source.today())
    first = quarter_of(source.model.oldest() or running.start).start
    starts = [shifted(running.start, -3 * back) for back in range(QUARTERS_BACK, 0, -1)]
    over = [quarter_of(start) for start in starts if start >= first]
    figures = [
        (period, nrr(sums.get((), Sheet()))) for period, sums in zip(over, source.model.series(over), strict=True)
    ]
    while figures and figures[0][1].n == 0:
        figures.pop(0)
    values = [None if one.value is None else float(one.value) for _, one in figures]
    coming = [quarter_of(shifted(running.start, 3 * step)) for step in range(ahead)]
    return Foretold(figures, coming, forecast(values, ahead))


def next_quarter(source: Source, period: Period) -> Figure:
    """C8 as a figure: NRR of the first quarter that begins when the period is over, or later; n: quarters it rests on,
    of which each was over by then, and is known.
    """
    on = min(period.end, source.today())
    running, wanted = quarter_of(on), quarter_of(period.end)
    if wanted.start < period.end:
        wanted = quarter_of(wanted.end)
    ahead = (wanted.start.year - running.start.year) * 4 + (wanted.start.month - running.start.month) // 3 + 1
    if ahead > HORIZON_MAX:
        return Figure("C8", None, f"{wanted.label} is more than {HORIZON_MAX} quarters ahead", None, None, 0, "ratio")
    found = foretell(source, ahead, on)
    if not found.forecast.steps:
        return Figure("C8", None, found.forecast.reason, None, None, len(found.past), "ratio")
    step = found.forecast.steps[-1]
    return Figure("C8", Fraction(step.value), None, None, None, len(found.past), "ratio", step.low, step.high)
