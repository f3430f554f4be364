"""Figures that have no past: of all that is known, of today, or of a view. Shown under past periods it would lie."""

from collections.abc import Mapping

from scorecard.catalogue import entry_of
from scorecard.figure import Figure

_EVER = "it is of all days that are known, whatever the period"
_SCORES = "scores are of today: past ones are kept of accounts alone"
_VIEW = "it counts figures of the view that is shown"

UNDATED: Mapping[str, str] = {
    "C2": _EVER, "C2.contacts": _EVER, "C2.movements": _EVER,
    "C7": "it is of the reports that count today, whatever the period",
    "H1": _SCORES, "H1.coverage": _SCORES,
    "S1": _VIEW, "S2": _VIEW,
    "S3": "it is of the last 30 days, whatever the period",
}  # fmt: skip
"""Figure -> why it has no past: no point of a series, and no trend."""


def of_the_past(figure: str) -> Figure:
    """One of these under a period that is over: no value, with the reason.

    >>> of_the_past("S1").reason
    'it counts figures of the view that is shown'
    """
    return Figure(figure, None, UNDATED[figure], None, None, 0, entry_of(figure).unit_of(figure))
