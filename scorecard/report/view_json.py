"""The views as answers: the lines and what stands beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scorecard.adoption import features
from scorecard.expansion import products_distribution
from scorecard.leading import Foretold, Outcome, foretold
from scorecard.model.pages import LIMIT_MAX
from scorecard.model.rows import Member
from scorecard.period import Period
from scorecard.report.ledger_json import issue_counts
from scorecard.report.line import figure_json
from scorecard.report.scorecard import Scorecard, StageNow, stages
from scorecard.report.source import Source
from scorecard.sheet import Sheet

Json = dict[str, Any]

FEATURES_MAX = 50
"""Features told of, the most used ones."""


def head(found: Scorecard, source: Source) -> Json:
    """What holds for all lines."""
    currency = source.settings.currency
    return {
        "period": found.period.label,
        "start": str(found.period.start),
        "end": str(found.period.end),
        "known_to": str(source.today()),
        "before": found.before.label,
        "by": list(found.by),
        "currency": currency,
        "attainment": figure_json(found.attainment, currency),
        "benchmarked": figure_json(found.benchmarked, currency),
        "issues": issue_counts(source),
    }


def lines(found: Scorecard, source: Source) -> list[Json]:
    """All lines."""
    return [line.to_json(source.settings.currency) for line in found.lines]


def details(source: Source, period: Period) -> Json:
    """What of the operational view is no single figure: features (A3), how many accounts hold how many products (X3),
    stages (O5), how well signs foretold (L1).
    """
    if source.unbegun(period) is not None:
        return {"features": [], "products": [], "stages": [], "foretold": []}
    before = source.facets.version(period.previous())
    products, foretold_ = source.kept("details", period, lambda: _of_accounts(source, period), beside=before)
    return {
        "features": feature_rows(source, period),
        "products": products,
        "stages": [stage_row(one, source.settings.currency) for one in stages(source, period)],
        "foretold": foretold_,
    }


def _of_accounts(source: Source, period: Period) -> tuple[list[Json], list[Json]]:
    """What each account is looked at for."""
    became: dict[str, Outcome] = {}

    def sheets() -> Iterator[Sheet]:
        for member in _members(source, period):
            if member.sheet.n_start:
                became[member.entity] = Outcome(member.sheet.n_retained > 0, member.sheet.n_expanded > 0)
            yield member.sheet

    products = product_rows(sheets())
    return products, [foretold_row(one) for one in signs(source, period, became)]


def feature_rows(source: Source, period: Period) -> list[Json]:
    """A3 of each feature."""
    facets = source.measured(period)[()].facets
    assert facets is not None  # of everybody
    active, people = facets["usage/told"], facets["usage/users"]
    return [
        {"feature": name, "accounts": accounts, "users": users, "of_accounts": accounts / active,
         "of_users": users / people if people else None}
        for name, accounts, users in features(facets)[:FEATURES_MAX]
    ]  # fmt: skip


def stage_row(one: StageNow, currency: str) -> Json:
    """O5 of a stage."""
    return {
        "stage": one.name, "accounts": one.accounts, "mean_days": None if one.days is None else float(one.days),
        "moments": list(one.moments), "metrics": [figure_json(figure, currency) for figure in one.figures],
    }  # fmt: skip


def product_rows(sheets: Iterable[Sheet]) -> list[Json]:
    """X3 as it is distributed, of the accounts that are active at the end."""
    found = products_distribution(sheets)
    active = sum(found.values())
    return [
        {"products": products, "accounts": accounts, "of_accounts": accounts / active}
        for products, accounts in found.items()
    ]


def _members(source: Source, period: Period) -> Iterator[Member]:
    """Every account with revenue in the period."""
    after = None
    while True:
        page = source.model.accounts(period, {}, after=after, limit=LIMIT_MAX)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def signs(source: Source, period: Period, became: Mapping[str, Outcome]) -> Sequence[Foretold]:
    """L1: signs of the period before, and what became in this one of the accounts that were active at its start."""
    shown = source.facets.signs(period.previous())
    return foretold((found, became[entity]) for entity, found in shown if entity in became)


def foretold_row(one: Foretold) -> Json:
    """How well a sign foretold."""
    return {
        "sign": one.sign, "outcome": one.outcome, "p": one.p,
        "with_it": _share(one, shown=True), "without_it": _share(one, shown=False),
    }  # fmt: skip


def _share(one: Foretold, *, shown: bool) -> Json:
    found = one.shown if shown else one.hidden
    return {
        "share": None if found.value is None else float(found.value), "n": found.n, "low": found.low, "high": found.high
    }  # fmt: skip
