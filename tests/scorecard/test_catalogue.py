"""The catalogue is complete: every metric is there, and every figure is made somewhere."""

from datetime import date

import pytest

from scorecard.catalogue import catalogue, figures, metric_of
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.period import Period
from scorecard.report.measured import Measured
from scorecard.report.measured import figures as measured
from scorecard.report.whole import MADE
from scorecard.settings.file import default_scorecard
from scorecard.sheet import Sheet
from scorecard.tally import Tally

SECTIONS = {"A": 6, "R": 4, "X": 5, "H": 6, "E": 3, "O": 5, "L": 1, "G": 2, "C": 8, "S": 3}
"""Letter -> how many metrics there are of it."""

OF_THE_VIEW = {"G1", "G2", "S1", "S2"}
"""What a view says of itself."""


def test_every_metric_is_in_the_catalogue_once_and_in_order() -> None:
    wanted = [f"{letter}{number}" for letter, count in SECTIONS.items() for number in range(1, count + 1)]
    assert sorted(catalogue()) == sorted(wanted)


@pytest.mark.parametrize("metric", catalogue())
def test_every_metric_says_what_it_is_who_answers_for_it_and_what_it_is_mistaken_for(metric: str) -> None:
    entry = catalogue()[metric]
    for text in (entry.title, entry.definition, entry.formula, entry.unit, entry.traps):
        assert len(text) >= 3
    assert entry.definition.endswith(".")
    assert entry.traps.endswith(".")
    assert all(part.title for part in entry.figures.values())


def test_every_figure_is_made_of_sums_or_by_what_is_named_for_it_and_nothing_else_is_made() -> None:
    sums = Measured(Sheet(), FacetSheet(), Tally(), date(2026, 4, 1))
    of_sums = measured(sums, Period.parse("2026-Q1"), default_scorecard()).keys()
    otherwise = {figure for figure in figures() if {figure, metric_of(figure)} & {*MADE, *OF_THE_VIEW}}
    assert {*of_sums, *otherwise} == {*figures()}
    assert not of_sums & otherwise


def test_of_nothing_every_figure_says_why_it_has_no_value_or_counts_nothing() -> None:
    """R1-R3, X2-X5, A1-A6, H2, H3, O2-O4: null with a reason at zero."""
    sums = Measured(Sheet(), FacetSheet(), Tally(), date(2026, 4, 1))
    for figure in measured(sums, Period.parse("2026-Q1"), default_scorecard()).values():
        if figure.value is None:
            assert figure.reason, figure
        else:
            assert figure.value == 0, figure
            assert figure.denominator is None or figure.id == "H4.velocity", figure
