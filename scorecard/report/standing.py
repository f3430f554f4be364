"""G1 and G2: how much of what was agreed is reached. They are of the period, and the same whatever a view shows."""

from collections.abc import Iterator, Mapping, Sequence

from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.report import benchmarks, targets
from scorecard.report.cohorts import cohorts
from scorecard.report.line import Line, line_of
from scorecard.report.source import Figures, Source
from scorecard.report.whole import whole


def standing(source: Source, period: Period) -> tuple[Figure, Figure]:
    """G1: of every target that holds in the period, each in its own cohorts; G2: of every benchmark that applies."""
    held, compared = list[targets.Held](), list[benchmarks.Compared]()
    for by, line in _agreed(source, period):
        if line.held is not None and {*line.held.target.cohort} == {*by}:
            held.append(line.held)
        if line.compared is not None and _way(line.compared.benchmark.industry) == by:
            compared.append(line.compared)
    return targets.attainment(held), benchmarks.attainment(compared)


def _agreed(source: Source, period: Period) -> Iterator[tuple[Sequence[str], Line]]:
    """The figures that anything was agreed of: of everybody, and of the cohorts that it names."""
    settings = source.settings
    of_benchmarks = [one.metric for one in settings.benchmarks]
    named = list(dict.fromkeys([*(one.metric for one in settings.targets), *of_benchmarks]))
    of_targets = [tuple(sorted(one.cohort)) for one in settings.targets]
    for by in dict.fromkeys([(), *of_targets, *(_way(one.industry) for one in settings.benchmarks)]):
        for values, figures in _cohorts(source, period, by, named).items():
            cohort = dict(zip(by, values, strict=True))
            yield from ((by, line_of(settings, figures, one, cohort, period, {})) for one in named if one in figures)


def _cohorts(
    source: Source, period: Period, by: tuple[str, ...], named: Sequence[str]
) -> Mapping[tuple[str, ...], Figures]:
    if not by:
        return {(): {**source.everybody(period), **whole(source, period, named)}}
    try:
        return cohorts(source, period, by, named)
    except ValueError:  # a dimension that is not kept: nobody is known to be in such a cohort
        return {}


def _way(industry: str | None) -> tuple[str, ...]:
    """The cohorts to which a benchmark applies."""
    return () if industry is None else ("industry",)
