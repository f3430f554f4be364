"""C8: whatever is asked for is there under each period, as it was then, or says why it is not."""

from collections import defaultdict
from fractions import Fraction

import pytest

from scorecard.catalogue import figures
from scorecard.every import Every
from scorecard.figure import Figure
from scorecard.report.series import series
from scorecard.report.source import Source
from scorecard.report.undated import UNDATED
from scorecard.settings.file import ScorecardFile, load_scorecard
from tests.scorecard.facets.said import said
from tests.scorecard.report.taking import take

AGREED = """
version: "1"
executive: {adoption: [A2], retention: [R2, R3], advocacy: [H5]}
targets:
  - {metric: R3, at_least: 1.2}
  - {metric: R2, at_least: 1}
  - {metric: R3, at_least: 1.1, cohort: {segment: smb}}
  - {metric: R3, at_least: 1.1, cohort: {colour: red}}
benchmarks: [{metric: R3, value: 1.2, source: Survey}]
"""


@pytest.fixture
def agreed() -> ScorecardFile:
    return load_scorecard(AGREED, file="scorecard.yaml")


@pytest.fixture
def grown(source: Source) -> Source:
    """One account of smb, 100 at first, and 125 from the second quarter of 2026 on; known to the fourth."""
    take(source, [
        said("2025-01-01", "group", account="a", segment="smb"),
        said("2025-01-01", "subscription_started", account="a", product="core", arr=100, currency="USD"),
        said("2026-05-01", "subscription_expanded", account="a", product="core", arr=125, currency="USD"),
        said("2026-10-02", "group", account="a", segment="smb"),
    ])  # fmt: skip
    source.use.note("cfo", "executive", source.today())
    return source


def test_c8_every_figure_of_the_catalogue_is_there_under_each_period_with_a_value_or_a_reason(grown: Source) -> None:
    """C8, G1, G2, S1, S2, S3, C2, C7, H1"""
    found: dict[str, list[Figure]] = defaultdict(list)
    for point in series(grown, Every.QUARTER, 2, [*figures()]):
        found[point.figure.id].append(point.figure)
    assert [*found] == [*figures()]
    for name, points in found.items():
        assert len(points) == 2, name
        assert all((one.value is None) == bool(one.reason) for one in points), name


def test_c8_g1_and_g2_of_past_quarters_are_what_was_reached_then(grown: Source) -> None:
    """G1, G2: in Q2 all of three targets and the benchmark, in Q3 one of three, and no benchmark."""
    found = [point.figure.value for point in series(grown, Every.QUARTER, 2, ["G1", "G2"])]
    assert found == [Fraction(1), Fraction(1, 3), Fraction(1), Fraction(0)]


@pytest.mark.parametrize("name", UNDATED)
def test_c8_what_is_of_today_is_no_value_of_a_period_that_is_over(name: str, grown: Source) -> None:
    """C2, C7, H1, S3: today's value under each past quarter would be a series of something else."""
    assert [(point.figure.value, point.figure.reason) for point in series(grown, Every.QUARTER, 2, [name])] == [
        (None, UNDATED[name])
    ] * 2
