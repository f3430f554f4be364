"""C8: NRR of the coming quarters, from those that are over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from scorecard.figure import Figure
from scorecard.forecast import HORIZON_MAX, Forecast, forecast
from scorecard.model.rows import Cohort
from scorecard.period import Period, quarter_of, shifted
from scorecard.report.ends import COHORT_MIN
from scorecard.report.source import Figures, Source
from scorecard.retention import nrr
from scorecard.sheet import Sheet

QUARTERS_BACK = 20
"""Five years: what a business was before tells little of it."""


COHORTS_MAX = 30
"""Cohorts that are foretold, the largest: each takes a quarter of a second when its past is first looked at."""

FORECASTS_MAX = 1_000
"""Forecasts that are kept, by the series that they were made of, whatever that is a series of."""


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


Past = Sequence[tuple[Period, Figure]]
"""Quarters that are over, and their NRR."""


def foretell(source: Source, ahead: int = HORIZON_MAX, on: date | None = None) -> Foretold:
    """`ahead` quarters (1 to HORIZON_MAX) from those that were over on a day: the one that runs on it first. Without a
    day it is the newest that is known of.
    """
    running = quarter_of(on or source.today())
    return _foretold(_past(source, running)[()], running, ahead)


def _past(source: Source, running: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Past]:
    """The quarters before the running one, of each cohort; of everybody under ()."""
    first = quarter_of(source.model.oldest() or running.start).start
    starts = [shifted(running.start, -3 * back) for back in range(QUARTERS_BACK, 0, -1)]
    over = [quarter_of(start) for start in starts if start >= first]
    sums = source.model.series(over, by)
    cohorts = sorted({values for cohorts in sums for values in cohorts}) if by else [()]
    return {
        values: [(period, nrr(sheets.get(values, Sheet()))) for period, sheets in zip(over, sums, strict=True)]
        for values in cohorts
    }


def _foretold(past: Past, running: Period, ahead: int) -> Foretold:
    since = next((place for place, (_, one) in enumerate(past) if one.n), len(past))
    values = [None if one.value is None else float(one.value) for _, one in past[since:]]
    coming = [quarter_of(shifted(running.start, 3 * step)) for step in range(ahead)]
    return Foretold(past[since:], coming, _forecast(tuple(values), ahead))


@lru_cache(FORECASTS_MAX)
def _forecast(values: tuple[float | None, ...], ahead: int) -> Forecast:
    return forecast(values, ahead)


def next_quarter(source: Source, period: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Figures]:
    """C8 as a figure, of everybody or of each cohort that had an account when the newest quarter began: NRR of the
    first quarter that begins when the period is over, or later; n: quarters it rests on, of which each was over by
    then, and is known.

    The cohort of an account is in each quarter what it was when that began.
    """
    running, wanted = quarter_of(min(period.end, source.today())), quarter_of(period.end)
    if wanted.start < period.end:
        wanted = quarter_of(wanted.end)
    past = _past(source, running, by)
    if not by:
        return {(): {"C8": _next(past[()], running, wanted)}}
    found: dict[Cohort, Figures] = {}
    accounts = Counter({values: one[-1][1].n for values, one in past.items() if one[-1][1].n})
    for place, (values, n) in enumerate(accounts.most_common()):
        if n < COHORT_MIN:
            figure = _none(f"fewer than {COHORT_MIN} accounts when {running.previous().label} began", 0)
        elif place >= COHORTS_MAX:
            figure = _none(f"only the {COHORTS_MAX} largest cohorts are foretold", 0)
        else:
            figure = _next(past[values], running, wanted)
        found[values] = {"C8": figure}
    return found


def _next(past: Past, running: Period, wanted: Period) -> Figure:
    ahead = (wanted.start.year - running.start.year) * 4 + (wanted.start.month - running.start.month) // 3 + 1
    if ahead > HORIZON_MAX:
        return _none(f"{wanted.label} is more than {HORIZON_MAX} quarters ahead", 0)
    found = _foretold(past, running, ahead)
    if not found.forecast.steps:
        return _none(found.forecast.reason, len(found.past))
    step = found.forecast.steps[-1]
    return Figure("C8", Fraction(step.value), None, None, None, len(found.past), "ratio", step.low, step.high)


def _none(reason: str | None, quarters: int) -> Figure:
    return Figure("C8", None, reason, None, None, quarters, "ratio")
