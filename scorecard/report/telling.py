"""Notes figures in the read model, so that tools that read SQL have those that everybody else is shown."""

from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.period import quarter_of
from scorecard.report.cohorts import OWN
from scorecard.report.noting import note_lines
from scorecard.report.scorecard import Scorecard
from scorecard.report.source import Source


def tell(source: Source) -> None:
    """Note what is kept up to date: of the running and the last quarter, and of the periods and cohorts that anybody
    asked for lately, all figures that are made of sums. The others are noted when they are shown.
    """
    newest = source.newest()
    if not newest:
        return
    running = quarter_of(source.today())
    always = [(running, ()), (running.previous(), ())]
    for period, by in dict.fromkeys([*always, *source.facets.kept()]):
        cohorts = {cohort: figures.values() for cohort, figures in source.cohorts(period, by).items()}
        source.told.note(period, by, cohorts, newest)


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
