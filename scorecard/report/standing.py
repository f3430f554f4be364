"""G1 and G2: how much of what was agreed is reached. They are of the period, and the same whatever a view shows."""

from collections.abc import Iterator, Mapping, Sequence

from scorecard.figure import Figure
from scorecard.model.terms import PRODUCT
from scorecard.period import Period
from scorecard.report import benchmarks, targets
from scorecard.report.cohorts import cohorts
from scorecard.report.line import Line, line_of
from scorecard.report.source import Figures, Source
from scorecard.report.whole import whole

STANDING = frozenset({"G1", "G2"})


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
    for by in ways(source):
        for values, figures in _cohorts(source, period, by, named).items():
            cohort = dict(zip(by, values, strict=True))
            yield from ((by, line_of(settings, figures, one, cohort, period, {})) for one in named if one in figures)


def ways(source: Source) -> list[tuple[str, ...]]:
    """The dimensions of every cohort of which anything was agreed, everybody's first. Of a dimension that is not kept
    nobody is known to be in such a cohort, and so there is none.
    """
    settings, kept = source.settings, {PRODUCT, *source.model.dimensions}
    of_targets = [tuple(sorted(one.cohort)) for one in settings.targets]
    of_benchmarks = [_way(one.industry) for one in settings.benchmarks]
    return [way for way in dict.fromkeys([(), *of_targets, *of_benchmarks]) if kept.issuperset(way)]


def _cohorts(
    source: Source, period: Period, by: tuple[str, ...], named: Sequence[str]
) -> Mapping[tuple[str, ...], Figures]:
    if not by:
        return {(): {**source.everybody(period), **whole(source, period, named)}}
    return cohorts(source, period, by, named)


def _way(industry: str | None) -> tuple[str, ...]:
    """The cohorts to which a benchmark applies."""
    return () if industry is None else ("industry",)
