"""G1 and G2 of a period: of everything that was agreed, whatever a view shows."""

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.report.scorecard import executive, operational
from scorecard.report.source import Source
from scorecard.report.standing import standing
from scorecard.settings.file import load_scorecard
from streams.scorecard import opening
from tests.scorecard.facets.said import said

Q2 = Period.parse("2026-Q2")

AGREED = """
version: "1"
executive: {adoption: [A2], retention: [R2, R1], advocacy: [H5]}
targets:
  - {metric: R3, at_least: 1.1}
  - {metric: R2, at_least: 1}
  - {metric: R3, at_least: 1.2, cohort: {segment: smb}}
  - {metric: R3, at_least: 9, cohort: {colour: red}}
  - {metric: A2, at_least: 0.5}
benchmarks:
  - {metric: R3, value: 1.1, source: "Survey A"}
  - {metric: R3, value: 1.2, source: "Survey B", industry: retail}
"""


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    """A: smb and retail, from 100 to 125; b: enterprise and finance, 100: NRR of both is 1.125."""
    with closing(Database(tmp_path / "model.db")) as database:
        found = opening.source(database, load_scorecard(AGREED, file="scorecard.yaml"))
        some = [
            event
            for account, segment, industry in (("a", "smb", "retail"), ("b", "enterprise", "finance"))
            for event in (
                said("2025-01-01", "group", account=account, segment=segment, industry=industry),
                said("2025-01-01", "subscription_started", account=account, product="core", arr=100, currency="USD"),
            )
        ]
        grown = said("2026-05-01", "subscription_expanded", account="a", product="core", arr=125, currency="USD")
        for taker in (found.model, found.facets):
            taker.take([*some, grown.replace(stream="revenue")], {})
        yield found


def test_g1_each_target_counts_in_the_cohorts_that_it_names_and_g2_each_benchmark(source: Source) -> None:
    """G1: R3 1.125 >= 1.1, R2 1 >= 1, R3 of smb 1.25 >= 1.2; A2 has no value, and colours are not kept. G2: 1.125 is
    at least 1.1 of everybody, 1.25 is at least 1.2 of retail; of finance there is none.
    """
    met, at_least = standing(source, Q2)
    assert (met.value, met.denominator, met.n) == (Fraction(1), 3, 4)
    assert (at_least.value, at_least.n) == (Fraction(1), 2)


@pytest.mark.parametrize("by", [(), ("segment",), ("industry", "segment")])
def test_g1_g2_are_of_the_period_whatever_is_shown(by: tuple[str, ...], source: Source) -> None:
    for view in (executive(source, Q2, by), operational(source, Q2, by)):
        assert (view.attainment, view.benchmarked) == standing(source, Q2)
