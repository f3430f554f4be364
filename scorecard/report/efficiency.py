"""E2 and E3: what winning revenue costs, and what customer-led growth brought into the pipeline."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard import efficiency
from scorecard.efficiency import Opportunity
from scorecard.figure import Figure
from scorecard.model.rows import Cohort
from scorecard.period import Period
from scorecard.report.source import Figures, Source
from scorecard.settings.money import Economics
from scorecard.sheet import Sheet, total
from scorecard.spend import Spend

INFLUENCED, SOURCED = frozenset({"sourced", "influenced"}), frozenset({"sourced"})

MOTION = "motion"

NOT_TOLD = "no spending was recorded in the period"
NOT_TOLD_OF_COHORT = "no spending was recorded for this cohort in the period"


class Part(NamedTuple):
    """A cohort, or everybody: what was spent to win its accounts, and what came of it."""

    motions: list[tuple[str, Sheet]]
    """What its accounts of each motion come to."""
    spends: list[Spend]
    opportunities: list[Opportunity]


def efficient(source: Source, period: Period, by: Sequence[str] = ()) -> Mapping[Cohort, Figures]:
    """E2 of all and of each kind of motion, and E3, of each cohort of the dimensions `by`; without any of everybody."""
    parts = _parts(source, period, by)
    economics, not_told = source.settings.economics, NOT_TOLD_OF_COHORT if by else NOT_TOLD
    return {values: _figures(part, period, economics, not_told) for values, part in parts.items()}


def _parts(source: Source, period: Period, by: Sequence[str]) -> Mapping[Cohort, Part]:
    """Spending and opportunities are of the cohort of the account that they were told of; of motions, spending is of
    the one that it names.
    """
    parts = defaultdict[Cohort, Part](lambda: Part([], [], []), {} if by else {(): Part([], [], [])})
    names, motions = tuple(dict.fromkeys((*by, MOTION))), set[str]()
    for values, sheet in source.model.sheet(period, names).items():
        motion = values[names.index(MOTION)]
        motions.add(motion)
        parts[values[: len(by)]].motions.append((motion, sheet))
    spends = source.model.spends(period)
    found = efficiency.opportunities(source.model.dealings(period.end))
    concerned = [one for one in found if efficiency.concerns(one, period)]
    account_ids = {*(one.account_id for one in spends), *(one.account_id for one in concerned)}
    cohorts = source.model.cohorts_of(account_ids, period, by) if by else dict.fromkeys(account_ids, ())
    for spend in spends:
        named = {MOTION: efficiency.alike(spend.motion, motions)}
        of_account = zip(by, cohorts[spend.account_id], strict=True)
        parts[tuple(named.get(name, value) for name, value in of_account)].spends.append(spend)
    for one in concerned:
        parts[cohorts[one.account_id]].opportunities.append(one)
    return parts


def _figures(part: Part, period: Period, economics: Economics, not_told: str) -> Figures:
    found: list[Figure] = []
    for figure, kinds in (("E2", (True, False)), ("E2.clg", (True,)), ("E2.other", (False,))):
        sheet = total(sheet for motion, sheet in part.motions if efficiency.is_clg(motion) in kinds)
        spends = [one for one in part.spends if efficiency.is_clg(one.motion) in kinds]
        found += _costs(figure, period, sheet, spends, economics, not_told)
    found += _pipeline(part.opportunities, period)
    found.append(efficiency.clg_share(part.spends, period)._replace(id="E3.spend", unit="share"))
    return {one.id: one for one in found}


def _costs(
    figure: str, period: Period, sheet: Sheet, spends: Sequence[Spend], economics: Economics, not_told: str
) -> Iterator[Figure]:
    """CAC, LTV : CAC and payback of some accounts and what was spent to win such ones."""
    margin = Fraction(economics.gross_margin)
    part = f"{figure}_" if "." in figure else f"{figure}."
    if not spends:
        nothing = Figure(figure, None, not_told, None, None, sheet.n_new, "money")
        yield nothing
        yield nothing._replace(id=f"{part}ltv_cac", unit="ratio")
        yield nothing._replace(id=f"{part}payback", unit="months")
        return
    cac = efficiency.cac(efficiency.spent(spends, period), sheet)
    ltv = efficiency.ltv(sheet, period, margin, economics.lifetime_years_max)
    yield cac._replace(id=figure)
    yield efficiency.ltv_to_cac(ltv, cac)._replace(id=f"{part}ltv_cac")
    yield efficiency.payback(cac, sheet, margin)._replace(id=f"{part}payback")


def _pipeline(found: Iterable[Opportunity], period: Period) -> Iterator[Figure]:
    influenced = efficiency.pipeline(found, period, INFLUENCED)
    sourced = efficiency.pipeline(found, period, SOURCED)
    yield influenced.amount
    yield influenced.win_rate._replace(id="E3.win_rate", unit="share")
    yield influenced.share._replace(id="E3.share", unit="share")
    yield sourced.amount._replace(id="E3.sourced")
    yield sourced.win_rate._replace(id="E3.sourced_win_rate", unit="share")
