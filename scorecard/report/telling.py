"""Notes figures in the read model, so that tools that read SQL have those that everybody else is shown."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.period import Period, quarter_of
from scorecard.report.cohorts import OWN
from scorecard.report.measured import Measured
from scorecard.report.noting import note_lines
from scorecard.report.scorecard import Scorecard
from scorecard.report.source import Source


class _Kept(NamedTuple):
    """What is kept up to date."""

    start: date
    end: date
    by: Cohort


class Teller:
    """Notes what is kept up to date: of the running and the last quarter, and of the periods and cohorts that anybody
    asked for lately, all figures that are made of sums. The others are noted when they are shown.

    Figures take far longer than sums, so those of which the sums are as they were are not made again.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._told: Mapping[_Kept, Mapping[Cohort, int]] = {}
        """What sums were when they were last told, as hashes."""

    def __call__(self) -> None:
        """Note what is others now."""
        source = self._source
        newest = source.newest()
        if not newest:
            return
        running = quarter_of(source.today())
        always: list[tuple[Period, Cohort]] = [(running, ()), (running.previous(), ())]
        told: dict[_Kept, Mapping[Cohort, int]] = {}
        for period, by in dict.fromkeys([*always, *source.facets.kept()]):
            kept = _Kept(period.start, period.end, by)
            if kept not in told:
                told[kept] = self._tell(period, kept, newest, asking=(period, by) in always)
        self._told = told

    def _tell(self, period: Period, kept: _Kept, newest: float, *, asking: bool) -> Mapping[Cohort, int]:
        source, before = self._source, self._told.get(kept, {})
        measured = source.measured(period, kept.by, asking=asking)
        now = {cohort: _hash(one, source.today()) for cohort, one in measured.items()}
        same = {cohort for cohort, digest in now.items() if before.get(cohort) == digest}
        if len(same) < max(len(now), len(before)):
            others = {cohort: one for cohort, one in measured.items() if cohort not in same}
            cohorts = {cohort: figures.values() for cohort, figures in source.made(others, period).items()}
            source.told.note(period, kept.by, cohorts, newest, unchanged=same)
        return now


def tell(source: Source) -> None:
    """Note all of it, once."""
    Teller(source)()


def shown(source: Source, view: Scorecard) -> None:
    """Note what a view shows, of everybody and by cohort; of figures with cohorts of their own, by these."""
    cohorts: dict[Cohort, list[Figure]] = {}
    for line in view.lines:
        cohorts.setdefault(tuple(line.cohort.values()), []).append(line.figure)
    note_lines(source, view)
    newest = source.newest()
    source.told.note(view.period, (), {(): cohorts.pop((), [])}, newest)
    source.told.note(view.period, view.by, cohorts, newest)
    for dimension, make in (OWN[line.figure.id] for line in view.lines if line.figure.id in OWN):
        parts = {values: figures.values() for values, figures in make(source, view.period).items()}
        source.told.note(view.period, (dimension,), parts, newest)


def _hash(measured: Measured, today: date) -> int:
    """Of sums, and of the day: what was told is told again once a day, since what is old is let go of."""
    counts = (None if one is None else frozenset(one.counts.items()) for one in (measured.facets, measured.tally))
    return hash((measured.sheet, *counts, measured.until, today))
