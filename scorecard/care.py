"""How accounts are looked after: the one place where O1 to O5 are computed for a cohort, from its summed facets."""

from collections.abc import Sequence

from scorecard.facets.facet_sheet import FacetSheet
from scorecard.figure import Figure
from scorecard.sentiment import share


def campaigns(facets: FacetSheet) -> list[Figure]:
    """O1: distinct campaigns, and the share of active accounts that any of them reached.

    >>> campaigns(FacetSheet({"campaign_accounts/a": 3, "campaign_accounts/b": 1, "campaigns/accounts": 3}))[0].value
    Fraction(2, 1)
    """
    launched, n = sum(1 for _ in facets.under("campaign_accounts")), facets["accounts"]
    return [
        Figure.amount("O1", launched, n=facets["campaigns/accounts"], unit="campaigns"),
        Figure.ratio("O1.reach", facets["campaigns/accounts"], n, n=n, unit="share", empty="no account is active"),
    ]


def plan_coverage(facets: FacetSheet) -> Figure:
    """O2: accounts with a live plan / accounts that should have one."""
    return share("O2", facets["plans/met"], facets["plans/due"], empty="no account should have a success plan")


def business_reviews(facets: FacetSheet) -> list[Figure]:
    """O3: reviews held in time, and held at all by now, of those due."""
    due, none = facets["qbrs/due"], "no review was due in the period"
    return [
        share("O3", facets["qbrs/on_time"], due, empty=none),
        share("O3.held", facets["qbrs/held"], due, empty=none),
    ]


def service_levels(facets: FacetSheet) -> list[Figure]:
    """O4: in time of all that was due, and of tickets and stage transitions by themselves."""
    tickets, stages = facets["tickets/due"], facets["stages/due"]
    solved, moved = facets["tickets/on_time"], facets["stages/on_time"]
    return [
        share("O4", solved + moved, tickets + stages, empty="nothing with a time agreed was due in the period"),
        share("O4.tickets", solved, tickets, empty="no ticket with a service level was due in the period"),
        share("O4.stages", moved, stages, empty="no stage with a time agreed had to be left in the period"),
    ]


def journey(facets: FacetSheet, stages: Sequence[str]) -> list[Figure]:
    """O5: share of the accounts in the last two of the agreed stages, and mean days in the present stage.

    >>> there = FacetSheet({"stage_accounts/expand": 1, "stage_accounts/adopt": 3})
    >>> journey(there, ("adopt", "expand", "advocate"))[0].value
    Fraction(1, 4)
    """
    there = dict(facets.under("stage_accounts"))
    dated = sum(count for _, count in facets.under("stage_dated"))
    n, late = sum(there.values()), sum(there.get(stage, 0) for stage in stages[-2:])
    return [
        Figure.ratio("O5", late, n, n=n, unit="share", empty="no account is active"),
        Figure.ratio(
            "O5.days", sum(count for _, count in facets.under("stage_days")), dated, n=dated, unit="days",
            empty="no account's stage was ever dated",
        ),
    ]  # fmt: skip


def stages(facets: FacetSheet) -> list[tuple[str, int, int, int]]:
    """O5 per stage: (stage, accounts in it at the end, their days in it added up, accounts that entered it)."""
    days, entered = dict(facets.under("stage_days")), dict(facets.under("stage_entered"))
    there = dict(facets.under("stage_accounts"))
    return [(name, there.get(name, 0), days.get(name, 0), entered.get(name, 0)) for name in {**there, **entered}]


def care(facets: FacetSheet, stages: Sequence[str]) -> list[Figure]:
    """All figures of O1 to O5."""
    return [
        *campaigns(facets), plan_coverage(facets), *business_reviews(facets), *service_levels(facets),
        *journey(facets, stages),
    ]  # fmt: skip
