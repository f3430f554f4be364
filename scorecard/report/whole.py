"""Figures that are not made of a cohort's sums: of spending, of the pipeline, of customer-led growth."""

from collections.abc import Callable, Mapping, Sequence

from scorecard.attribution import Model
from scorecard.catalogue import metric_of
from scorecard.expansion import paces
from scorecard.family import movements_of
from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.model.use import Opened, figure
from scorecard.period import Period
from scorecard.report.clg import attribute, covered, credited, exposed
from scorecard.report.efficiency import efficient
from scorecard.report.foretold import next_quarter
from scorecard.report.lifted import lifted
from scorecard.report.source import Figures, Source

USE_DAYS = 30
"""Over which openings are counted (S3)."""


def _attributed(source: Source, period: Period) -> Figures:
    (linear,) = attribute(source, period, [Model.LINEAR])
    return {"C6": credited(linear)}


def _exposed(source: Source, period: Period) -> Figures:
    known = source.memo.get("coverage", source.model.newest(), lambda: covered(source))
    return {**source.kept("exposure", period, lambda: exposed(source, period)), **known}


def _paced(source: Source, period: Period) -> Figures:
    def paced() -> Figures:
        found = paces((movements_of(books) for books in source.model.books()), period)
        return {figure.id: figure for figure in found}

    return source.kept("pace", period, paced)


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
    "X5.first": _paced, "X5.next": _paced, "E2": _efficient, "E3": _efficient, "C1": _exposed, "C2": _exposed,
    "C3": _lifted, "C4": _lifted, "C5": _lifted, "C6": _attributed, "C7": _reconciled, "C8": _foretold, "S3": _used,
}  # fmt: skip
"""Metric, or figure of one whose others are sums, -> what makes it, and others with it."""


UNDATED = frozenset({"C2", "C2.movements", "C7", "S3"})
"""Figures of all that is known, or of today, whatever the period: these have no trend."""


def whole(source: Source, period: Period, wanted: Sequence[str] | None = None) -> Figures:
    """Those of some figures (None: all) that have to be made so. The lift takes seconds: ask for what is shown."""
    asked = MADE if wanted is None else {part for figure in wanted for part in (figure, metric_of(figure))}
    made: dict[str, Figure] = {}
    for make in dict.fromkeys(MADE[one] for one in MADE if one in asked):
        made |= make(source, period)
    return made
