"""C8: any figures over the last weeks, months or quarters that are over, of everybody and by cohort."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scorecard.catalogue import figures
from scorecard.every import Every
from scorecard.figure import Figure
from scorecard.period import Period, month_of, quarter_of, week_of
from scorecard.report.cohorts import cohorts
from scorecard.report.line import figure_json
from scorecard.report.source import Source
from scorecard.report.standing import STANDING, standing, ways
from scorecard.report.undated import UNDATED, of_the_past
from scorecard.report.whole import whole

PERIODS_MAX = 60
"""Five years of months, more than a year of weeks: of each, all accounts are looked at when it is first asked for."""

_RUNNING = {Every.WEEK: week_of, Every.MONTH: month_of, Every.QUARTER: quarter_of}


class Point(NamedTuple):
    """A figure of a cohort in a period."""

    period: Period
    cohort: Mapping[str, str]
    """Its value of each dimension; empty for everybody."""
    figure: Figure

    def to_json(self, currency: str) -> dict[str, Any]:
        """As a part of an answer; amounts in major units of the currency."""
        return {"period": self.period.label, "cohort": dict(self.cohort), **figure_json(self.figure, currency)}


def series(source: Source, every: Every, count: int, wanted: Sequence[str], by: Sequence[str] = ()) -> list[Point]:
    """Each wanted figure of everybody, then of every cohort of the dimensions `by`, through the last `count` periods
    that are over, oldest first: of everybody always, without a value where it has no past (`UNDATED`); none where a
    cohort does not have it. The lift takes seconds for each period.

    ValueError for a figure that there is not, a dimension that is not kept, and fewer periods
    than one or more than PERIODS_MAX.
    """
    check(count, wanted)
    over = last(source, every, count)
    agreed = ways(source) if STANDING & {*wanted} else ()
    for way in dict.fromkeys([tuple(by), *agreed]):
        source.facets.prepare(over, way)
    points = [*_everybody(source, over, wanted), *(_cohorts(source, over, wanted, by) if by else ())]
    place = {figure: number for number, figure in enumerate(wanted)}
    return sorted(points, key=lambda one: (bool(one.cohort), [*one.cohort.values()], place[one.figure.id]))


def check(count: int, wanted: Sequence[str]) -> None:
    """ValueError, which names what is wrong and what is allowed."""
    if not 1 <= count <= PERIODS_MAX:
        raise ValueError(f"{count} periods: from 1 to {PERIODS_MAX}")
    known = [*figures()]
    for name in wanted:
        if name not in known:
            raise ValueError(f"figure {name!r}: no such figure; `accountpulse metrics` lists them")


def last(source: Source, every: Every, count: int) -> list[Period]:
    """The last whole periods that events are known of, oldest first."""
    one, over = _RUNNING[every](source.today()), list[Period]()
    for _ in range(count):
        one = one.previous()
        over.append(one)
    return over[::-1]


def _everybody(source: Source, over: Sequence[Period], wanted: Sequence[str]) -> Iterator[Point]:
    undated = {name: of_the_past(name) for name in wanted if name in UNDATED}
    dated = [name for name in wanted if name not in undated]
    for period in over:
        found = {**source.everybody(period), **whole(source, period, dated), **undated}
        if STANDING & {*wanted}:
            found |= {one.id: one for one in standing(source, period)}
        yield from (Point(period, {}, found[name]) for name in wanted)


def _cohorts(source: Source, over: Sequence[Period], wanted: Sequence[str], by: Sequence[str]) -> Iterator[Point]:
    for period in over:
        for values, found in cohorts(source, period, by, wanted).items():
            cohort = dict(zip(by, values, strict=True))
            for name in (one for one in wanted if one in found):
                yield Point(period, cohort, of_the_past(name) if name in UNDATED else found[name])
