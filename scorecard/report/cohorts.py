"""All figures that cohorts have: those that are made of a cohort's sums, and those that have to be made otherwise."""

from collections.abc import Callable, Mapping, Sequence

from scorecard.catalogue import in_order, metric_of
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT
from scorecard.period import Period
from scorecard.report.efficiency import efficient
from scorecard.report.ends import Ends, ends
from scorecard.report.foretold import next_quarter
from scorecard.report.lifted import by_programme, lifted
from scorecard.report.source import Figures, Source

Make = Callable[[Source, Period, Sequence[str]], Mapping[Cohort, Figures]]
"""(read model, period, dimensions) -> figures by the values of the dimensions."""

MADE: Mapping[str, Make] = {
    **dict.fromkeys(("E2", "E3"), efficient),
    **dict.fromkeys(("C3", "C4"), lifted),
    "C8": next_quarter,
}
"""Metric -> what makes its figures of cohorts, and others with them."""

OF_SHEETS = (next_quarter,)
"""What products have as well, which cut through accounts."""


def reconciled(source: Source, period: Period) -> Mapping[Cohort, Figures]:
    """C7 of each source of reports."""
    return {(name,): {"C7": figure} for name, figure in source.reports.by_source().items()}


OWN: Mapping[str, tuple[str, Callable[[Source, Period], Mapping[Cohort, Figures]]]] = {
    "C5": ("programme", by_programme), "C7": ("source", reconciled),
}  # fmt: skip
"""Figures that are not parted by what accounts are: by what else, and what makes them."""


def cohorts(
    source: Source, period: Period, by: Sequence[str], wanted: Sequence[str] | None = None
) -> dict[Cohort, Figures]:
    """Those of some figures (None: all), and whatever comes with them. ValueError for a dimension that is not kept."""
    found = dict(source.cohorts(period, by))
    asked = MADE if wanted is None else {part for figure in wanted for part in (figure, metric_of(figure))}
    for make in dict.fromkeys(MADE[one] for one in MADE if one in asked):
        if PRODUCT not in by or make in OF_SHEETS:
            for values, figures in source.begun(make(source, period, by), period).items():
                found[values] = {**found.get(values, {}), **figures}
    return {values: in_order(found[values]) for values in sorted(found)}


def ends_of(source: Source, period: Period, figure: str, found: Mapping[Cohort, Figures], by: Sequence[str]) -> Ends:
    """Of a figure, among the cohorts of the dimensions `by` that were found, or among those that it has of its own."""
    if figure in OWN:
        dimension, make = OWN[figure]
        return ends(figure, make(source, period), (dimension,))
    return ends(figure, found, by)
