"""Figures that are not made of a cohort's sums: of spending, of the pipeline, of customer-led growth."""

from collections.abc import Callable, Mapping, Sequence

from scorecard.catalogue import metric_of
from scorecard.exposure import coverage
from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.model.use import Opened, figure
from scorecard.period import EVER, Period
from scorecard.report.efficiency import efficient
from scorecard.report.foretold import next_quarter
from scorecard.report.lifted import lifted
from scorecard.report.source import Figures, Source
from scorecard.report.undated import UNDATED
from scorecard.tally import Tally

USE_DAYS = 30
"""Over which openings are counted (S3)."""


def _covered(source: Source, period: Period) -> Figures:
    return {figure.id: figure for figure in coverage(source.model.tallies(EVER).get((), Tally()))}


def _reconciled(source: Source, period: Period) -> Figures:
    return {"C7": source.reports.consistency()}


def used(source: Source, days: int = USE_DAYS) -> list[Opened]:
    """S3: who opened which view how often, in so many days up to the last opening."""
    return source.use.told(days)


def _used(source: Source, period: Period) -> Figures:
    return {"S3": figure(used(source))}


def _everybody(make: Callable[[Source, Period], Mapping[Cohort, Figures]]) -> Callable[[Source, Period], Figures]:
    """What is made of cohorts, of all of them as one."""
    return lambda source, period: make(source, period)[()]


_efficient, _lifted, _foretold = _everybody(efficient), _everybody(lifted), _everybody(next_quarter)

MADE: Mapping[str, Callable[[Source, Period], Figures]] = {
    "E2": _efficient, "E3": _efficient, "C2": _covered, "C3": _lifted, "C4": _lifted, "C5": _lifted, "C7": _reconciled,
    "C8": _foretold, "S3": _used,
}  # fmt: skip
"""Metric -> what makes its figures."""


def whole(source: Source, period: Period, wanted: Sequence[str] | None = None) -> Figures:
    """Those of some figures (None: all) that have to be made so. The lift takes seconds: ask for what is shown."""
    asked = MADE if wanted is None else {part for figure in wanted for part in (figure, metric_of(figure))}
    made: dict[str, Figure] = {}
    for make in dict.fromkeys(MADE[one] for one in MADE if one in asked):
        made |= make(source, period)
    dated = source.begun({(): {name: one for name, one in made.items() if name not in UNDATED}}, period)[()]
    return {name: dated.get(name, one) for name, one in made.items()}
