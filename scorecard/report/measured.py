"""Every figure of a cohort that its sums tell: of money from sheet and tally, of everything else from its facets."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from scorecard import counted, expansion, retention
from scorecard.adoption import adoption
from scorecard.care import care
from scorecard.catalogue import in_order
from scorecard.efficiency import ltv
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure
from scorecard.leading import leading
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.sentiment import sentiment
from scorecard.settings.file import ScorecardFile
from scorecard.sheet import Sheet
from scorecard.tally import Tally

NOT_BY_PRODUCT = "kept of whole accounts: ask by product_mix"

HEALTH_NOW = "scores are of today: ask a service for a running period; past ones are kept of accounts alone"


class Measured(NamedTuple):
    """A cohort's sums in a period."""

    sheet: Sheet
    facets: FacetSheet | None
    """None where the cohort cuts through accounts."""
    tally: Tally | None
    """The same."""
    until: date
    """The day after the newest that is known of."""


def figures(measured: Measured, period: Period, settings: ScorecardFile) -> dict[str, Figure]:
    """By their ids, in the catalogue's order."""
    found = [*adopted(measured, settings, period), *of_money(measured.sheet, period, settings)]
    if measured.tally is not None:
        found += counted.figures(measured.tally)
    return in_order({figure.id: figure for figure in found})


def of_money(sheet: Sheet, period: Period, settings: ScorecardFile) -> list[Figure]:
    """R1 to R4, X1 to X5 and E1."""
    economics = settings.economics
    margin = Fraction(economics.gross_margin)
    return [
        retention.logo_retention(sheet),
        retention.grr(sheet),
        retention.nrr(sheet),
        Figure.amount("R4", retention.waterfall(sheet).end, n=sheet.n_end),
        expansion.expansion(sheet),
        *(
            expansion.expansion(sheet, kind)._replace(id=f"X1.{kind}")
            for kind in (Kind.UPSELL, Kind.CROSS_SELL, Kind.USAGE)
        ),
        expansion.upsell_rate(sheet),
        expansion.cross_sell_rate(sheet)._replace(id="X2.cross_sell"),
        expansion.products_per_account(sheet),
        expansion.arpa(sheet),
        expansion.velocity(sheet, period),
        ltv(sheet, period, margin, economics.lifetime_years_max),
    ]


def adopted(measured: Measured, settings: ScorecardFile, period: Period) -> list[Figure]:
    """A1 to A6, H1 to H6, O1 to O5 and L1."""
    facets = measured.facets
    days = max(0, (min(period.end, measured.until) - period.start).days)
    stages = tuple(settings.journey.stages)
    found = _of_facets(facets or FacetSheet(), days, stages)
    if facets is None:
        return [one._replace(value=None, reason=NOT_BY_PRODUCT, low=None, high=None) for one in found]
    return found


def _of_facets(facets: FacetSheet, days: int, stages: Sequence[str]) -> list[Figure]:
    return [*adoption(facets), *health(facets), *sentiment(facets, days), *care(facets, stages), *leading(facets)]


def health(facets: FacetSheet) -> list[Figure]:
    """H1: means of the newest scores and of their coverage.

    >>> health(FacetSheet({"health/n": 2, "health/points": 14_000}))[0].value
    Fraction(70, 1)
    """
    n = facets["health/n"]
    return [
        Figure.ratio("H1", Fraction(facets["health/points"], 100), n, n=n, unit="points", empty=HEALTH_NOW),
        Figure.ratio(
            "H1.coverage", Fraction(facets["health/coverage"], 10_000), n, n=n, unit="share", empty=HEALTH_NOW
        ),
    ]
