"""E2 and E3: what winning revenue costs, and what customer-led growth brought into the pipeline."""

from collections.abc import Iterator
from fractions import Fraction

from scorecard import efficiency
from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.report.source import Figures, Source
from scorecard.sheet import Sheet, total
from scorecard.spend import Spend

INFLUENCED, SOURCED = frozenset({"sourced", "influenced"}), frozenset({"sourced"})


def efficient(source: Source, period: Period) -> Figures:
    """E2 of all and of each kind of motion, and E3."""
    motions = source.model.sheet(period, ("motion",))
    spends = source.model.spends(period)
    ours = [sheet for (motion,), sheet in motions.items() if efficiency.is_clg(motion)]
    rest = [sheet for (motion,), sheet in motions.items() if not efficiency.is_clg(motion)]
    found = [
        *_costs("E2", source, period, total(motions.values()), spends),
        *_costs("E2.clg", source, period, total(ours), [one for one in spends if efficiency.is_clg(one.motion)]),
        *_costs("E2.other", source, period, total(rest), [one for one in spends if not efficiency.is_clg(one.motion)]),
        *_pipeline(source, period),
        efficiency.clg_share(spends, period)._replace(id="E3.spend", unit="share"),
    ]
    return {one.id: one for one in found}


def _costs(figure: str, source: Source, period: Period, sheet: Sheet, spends: list[Spend]) -> Iterator[Figure]:
    """CAC, LTV : CAC and payback of some accounts and what was spent to win such ones."""
    economics = source.settings.economics
    margin = Fraction(economics.gross_margin)
    part = f"{figure}_" if "." in figure else f"{figure}."
    if not spends:
        nothing = Figure(figure, None, "no spending was recorded in the period", None, None, sheet.n_new, "money")
        yield nothing
        yield nothing._replace(id=f"{part}ltv_cac", unit="ratio")
        yield nothing._replace(id=f"{part}payback", unit="months")
        return
    cac = efficiency.cac(efficiency.spent(spends, period), sheet)
    ltv = efficiency.ltv(sheet, period, margin, economics.lifetime_years_max)
    yield cac._replace(id=figure)
    yield efficiency.ltv_to_cac(ltv, cac)._replace(id=f"{part}ltv_cac")
    yield efficiency.payback(cac, sheet, margin)._replace(id=f"{part}payback")


def _pipeline(source: Source, period: Period) -> Iterator[Figure]:
    found = efficiency.opportunities(source.model.dealings(period.end))
    influenced = efficiency.pipeline(found, period, INFLUENCED)
    sourced = efficiency.pipeline(found, period, SOURCED)
    yield influenced.amount
    yield influenced.win_rate._replace(id="E3.win_rate", unit="share")
    yield influenced.share._replace(id="E3.share", unit="share")
    yield sourced.amount._replace(id="E3.sourced")
    yield sourced.win_rate._replace(id="E3.sourced_win_rate", unit="share")
