"""C7 of each source of reports."""

from datetime import date
from fractions import Fraction

from scorecard.period import Period
from scorecard.reconcile import Finding, Reported
from scorecard.report.cohorts import reconciled
from scorecard.report.scorecard import operational
from scorecard.report.source import Source

Q2 = Period.parse("2026-Q2")

HANDED_IN: dict[str, tuple[str, list[bool | None]]] = {
    "Finance": ("NRR", [True] * 5),
    "Sales": ("NRR", [True, True, False, False, False, None]),  # the last could not be compared
    "CS": ("NRR", [False] * 4),
    "Board": ("GRR", [True] * 9),
}
"""Whose, of what, and whether each figure agreed."""


def test_c7_of_each_source_by_hand_and_together_they_are_all(source: Source) -> None:
    """C7: Finance 5 of 5, Sales 2 of 5 that could be compared, CS 0 of 4, too few to be the worst: 7 of 14."""
    source.reports.hand_in(
        [
            Finding(Reported.read(name, metric, f"2026-0{n + 1}", "101%"), None, agrees, None, (), None, None)
            for name, (metric, agreed) in HANDED_IN.items()
            for n, agrees in enumerate(agreed)
        ],
        date(2026, 7, 1),
    )
    found = {name: figures["C7"] for (name,), figures in reconciled(source, Q2).items()}
    assert {name: (one.numerator, one.n) for name, one in found.items()} == {
        "Finance": (5, 5), "Sales": (2, 5), "CS": (0, 4),
    }  # fmt: skip
    whole = source.reports.consistency()
    assert (whole.value, whole.n) == (Fraction(7, 14), 14)
    (line,) = [one for one in operational(source, Q2).lines if one.figure.id == "C7"]
    assert line.ends is not None
    assert line.ends.dimensions == ("source",)
    assert (line.ends.best, line.ends.worst) == ((("Finance",), found["Finance"]), (("Sales",), found["Sales"]))


def test_c7_without_reports_there_is_no_source(source: Source) -> None:
    """C7"""
    (line,) = [one for one in operational(source, Q2).lines if one.figure.id == "C7"]
    assert (line.figure.value, line.figure.n) == (None, 0)
    assert line.to_json("USD")["no_best"] == "nothing is known of any source"
