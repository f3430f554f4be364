"""L1: signs of later retention and expansion, and how well each has foretold so far."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure
from scorecard.sentiment import share

SIGNS = {"L1": "multi_threaded", "L1.short_ttv": "short_ttv", "L1.engaged": "engaged", "L1.reference": "reference"}
"""Figure -> the sign whose share of accounts it is."""


class Outcome(NamedTuple):
    """What became of an account in the period after the one in which it showed the sign or did not."""

    retained: bool
    expanded: bool


class Foretold(NamedTuple):
    """How well a sign foretold: shares with it and without, and the chance of such a difference if it said nothing."""

    sign: str
    outcome: str
    """`retained` or `expanded`."""
    shown: Figure
    """Of those that showed the sign, the share with the outcome."""
    hidden: Figure
    """Of the others."""
    p: float | None
    """Fisher's exact test, two-sided; None where one of the groups is empty."""


def leading(facets: FacetSheet) -> list[Figure]:
    """L1: share of accounts that show each sign, of those of which it can be told.

    >>> leading(FacetSheet({"sign_told/multi_threaded": 4, "sign_shown/multi_threaded": 1}))[0].value
    Fraction(1, 4)
    """
    return [
        share(figure, facets[f"sign_shown/{sign}"], facets[f"sign_told/{sign}"], empty="of no account it can be told")
        for figure, sign in SIGNS.items()
    ]


def foretold(accounts: Iterable[tuple[Mapping[str, bool | None], Outcome]]) -> list[Foretold]:
    """Of accounts active at the end of an earlier period: their signs then, and what became of them in a later one."""
    counts: dict[tuple[str, str, bool, bool], int] = {}
    for signs, outcome in accounts:
        for sign, shown in signs.items():
            if shown is not None:
                for name, came in outcome._asdict().items():
                    key = sign, name, shown, came
                    counts[key] = counts.get(key, 0) + 1
    return [_foretold(figure, sign, name, counts) for figure, sign in SIGNS.items() for name in Outcome._fields]


def _foretold(figure: str, sign: str, outcome: str, counts: Mapping[tuple[str, str, bool, bool], int]) -> Foretold:
    from scipy.stats import fisher_exact  # noqa: PLC0415 - takes a second, which few commands have a use for

    table = [[counts.get((sign, outcome, shown, came), 0) for came in (True, False)] for shown in (True, False)]
    p = float(fisher_exact(table).pvalue) if all(sum(row) for row in table) else None
    shown, hidden = (share(figure, row[0], sum(row), empty="no such account") for row in table)
    return Foretold(sign, outcome, shown, hidden, p)
