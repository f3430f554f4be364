"""The two views: S1 for who decides, S2 for who works with it. Both show the same figures."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard.catalogue import in_order
from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.report import targets
from scorecard.report.cohorts import cohorts, ends_of
from scorecard.report.ends import ends
from scorecard.report.line import Line, line_of
from scorecard.report.source import Figures, Source
from scorecard.report.standing import standing
from scorecard.report.undated import UNDATED
from scorecard.report.whole import whole
from scorecard.settings.file import ScorecardFile

ENDS_BY = ("segment",)
"""Cohorts among which the best and the worst are looked for, unless others are asked for."""


class Scorecard(NamedTuple):
    """A view of a period."""

    period: Period
    before: Period
    by: Sequence[str]
    lines: Sequence[Line]
    attainment: Figure
    """G1, of the period."""
    benchmarked: Figure
    """G2, of the period."""
    standing_before: tuple[Figure, Figure]
    """G1 and G2 of the period before."""

    def agreed(self, settings: ScorecardFile) -> Iterator[Line]:
        """G1 and G2."""
        for figure, before in zip((self.attainment, self.benchmarked), self.standing_before, strict=True):
            yield _of_itself(settings, self, figure, before)


def executive(source: Source, period: Period, by: Sequence[str] = ()) -> Scorecard:
    """S1: the few figures that are agreed on, of everybody, each with target, trend, best and worst cohort."""
    by = tuple(by) or ENDS_BY
    wanted = source.settings.executive.figures
    now = {**source.everybody(period), **whole(source, period, wanted)}
    found = cohorts(source, period, by, wanted)
    before = _before(source, period, wanted)
    lines = [
        line_of(source.settings, now, figure, {}, period, before)._replace(
            ends=ends_of(source, period, figure, found, by)
        )
        for figure in source.settings.executive.figures
        if figure in now
    ]
    return _scorecard(source, period, by, lines)


def operational(source: Source, period: Period, by: Sequence[str] = ()) -> Scorecard:
    """S2: every figure, of everybody (with the best and the worst cohort) and then of every cohort of the dimensions
    `by`. The lift of the period, and of the one before, takes seconds when it is first asked for.
    """
    previous, among = period.previous(), tuple(by) or ENDS_BY
    parts = cohorts(source, period, among)
    everybody = in_order({**source.everybody(period), **whole(source, period)})
    lines = [
        line._replace(ends=ends_of(source, period, line.figure.id, parts, among))
        for line in _lines(source.settings, everybody, {}, period, _before(source, period))
    ]
    if by:
        earlier = cohorts(source, previous, by)
        for values, figures in parts.items():
            cohort = dict(zip(by, values, strict=True))
            lines += _lines(source.settings, figures, cohort, period, earlier.get(values, {}))
    found = _scorecard(source, period, tuple(by), lines)
    return found._replace(lines=[*_about(source.settings, found), *found.lines])


def _before(source: Source, period: Period, wanted: Sequence[str] | None = None) -> Figures:
    """The figures of the period before, as far as they are of a period."""
    previous = period.previous()
    found = {**source.everybody(previous), **whole(source, previous, wanted)}
    return {name: one for name, one in found.items() if name not in UNDATED}


def _about(settings: ScorecardFile, found: Scorecard) -> Iterator[Line]:
    """G1, G2, S1 and S2: what the view says of itself, of everybody's figures."""
    of_all = [line.figure for line in found.lines if not line.cohort]
    few = [figure for figure in of_all if figure.id in settings.executive.figures]
    views = (("S1", few), ("S2", of_all))
    counted = (
        Figure.amount(name, sum(one.value is not None for one in figures), n=len(figures), unit="figures")
        for name, figures in views
    )
    yield from found.agreed(settings)
    yield from (_of_itself(settings, found, figure, None) for figure in counted)


def _of_itself(settings: ScorecardFile, found: Scorecard, figure: Figure, before: Figure | None) -> Line:
    held = targets.held(figure, {}, found.period, settings.targets, settings.currency)
    return Line(figure, {}, held, before, ends=ends(figure.id, {}, ()))


def _scorecard(source: Source, period: Period, by: Sequence[str], lines: Sequence[Line]) -> Scorecard:
    before = period.previous()
    return Scorecard(period, before, by, lines, *standing(source, period), standing(source, before))


def _lines(
    settings: ScorecardFile, figures: Figures, cohort: Mapping[str, str], period: Period, before: Figures
) -> Iterator[Line]:
    """One line for each figure."""
    for figure in figures:
        yield line_of(settings, figures, figure, cohort, period, before)


class StageNow(NamedTuple):
    """O5: a stage of the journey."""

    name: str
    accounts: int
    days: Fraction | None
    """Mean days of those in it, of whom it is known."""
    moments: Sequence[str]
    """Events that are its key moments."""
    figures: Sequence[Figure]
    """That steer it."""


def stages(source: Source, period: Period) -> Iterator[StageNow]:
    """Every agreed stage, in its order."""
    measured = source.measured(period)[()]
    figures = source.everybody(period)
    facets = measured.facets
    assert facets is not None  # of everybody
    for name, agreed in source.settings.journey.stages.items():
        n, dated = facets[f"stage_accounts/{name}"], facets[f"stage_dated/{name}"]
        days = Fraction(facets[f"stage_days/{name}"], dated) if dated else None
        steering = [figures[one] for one in agreed.metrics if one in figures]
        yield StageNow(name, n, days, agreed.moments, steering)
