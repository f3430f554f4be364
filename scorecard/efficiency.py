"""Efficiency: the one place where E1 to E3 are computed, for all accounts or those of one motion."""

from collections.abc import Collection, Iterable
from fractions import Fraction
from typing import NamedTuple

from scorecard.fact import day_of
from scorecard.figure import Figure
from scorecard.period import Period
from scorecard.retention import NOBODY
from scorecard.sheet import Sheet
from scorecard.spend import Dealing, Spend

YEAR_DAYS = Fraction(1461, 4)
"""365.25 days."""

LIFE_YEARS_MAX = 5
"""The horizon of LTV unless the configuration states another: beyond five years a lifetime is a guess, whatever the
churn of one period says. At zero churn it would be infinite."""

CLG = "clg"
"""The motion of customer-led growth, as accounts and spending name it."""

NO_CUSTOMERS = "no account was won in the period"


def ltv(sheet: Sheet, period: Period, margin: Fraction, life_years_max: Fraction | int = LIFE_YEARS_MAX) -> Figure:
    """E1, lifetime value of an account: ARPA x gross margin / churn, all per year.

    ARPA is recurring revenue at start / accounts active at start; churn is the share of these that left, per year of
    365.25 days; 1 / churn is the lifetime in years, of which at most `life_years_max` count. `margin`: 0 to 1.

    >>> year = Period.parse("2023-01-01..2027-01-01")
    >>> ltv(Sheet(n_start=10, n_churned=4, start=1000), year, Fraction(4, 5), 20).value
    Fraction(800, 1)
    >>> ltv(Sheet(n_start=10, n_churned=0, start=1000), year, Fraction(4, 5)).value
    Fraction(400, 1)
    """
    if sheet.n_start <= 0:
        return Figure("E1", None, NOBODY, None, None, 0, "money")
    earned = Fraction(sheet.start, sheet.n_start) * margin
    churn = Fraction(sheet.n_churned, sheet.n_start) / (Fraction(period.days) / YEAR_DAYS)
    least = 1 / Fraction(life_years_max)
    return Figure.ratio("E1", earned, max(churn, least), n=sheet.n_start, unit="money", empty=NOBODY)


def is_capped(found: Figure, life_years_max: Fraction | int = LIFE_YEARS_MAX) -> bool:
    """Whether an `ltv` counts the horizon and not the churn, which a report has to say.

    >>> year = Period.parse("2026")
    >>> [is_capped(ltv(Sheet(n_start=10, n_churned=churned), year, Fraction(1))) for churned in (0, 5)]
    [True, False]
    """
    return found.denominator == 1 / Fraction(life_years_max)


def spent(spends: Iterable[Spend], period: Period, motion: str | None = None) -> int:
    """Minor units spent within the period, on one motion or on all."""
    return sum(one.cents for one in spends if period.contains(one.on) and motion in (None, one.motion))


def cac(spend: int, sheet: Sheet) -> Figure:
    """E2, cost of winning an account: spend / accounts won in the period; null at zero accounts.

    >>> cac(900, Sheet(n_new=3)).value, cac(900, Sheet()).reason
    (Fraction(300, 1), 'no account was won in the period')
    """
    return Figure.ratio("E2", spend, sheet.n_new, n=sheet.n_new, unit="money", empty=NO_CUSTOMERS)


def ltv_to_cac(ltv: Figure, cac: Figure) -> Figure:
    """E2: lifetime value over the cost of winning; null where either is, or at no cost.

    >>> ltv_to_cac(Figure.amount("E1", 900, n=9), Figure.amount("E2", 300, n=3)).value
    Fraction(3, 1)
    """
    for part in (ltv, cac):
        if part.value is None:
            return Figure("E2", None, part.reason, None, None, cac.n, "ratio")
    return Figure.ratio("E2", ltv.value or 0, cac.value or 0, n=cac.n, empty="nothing was spent")


def payback(cac: Figure, sheet: Sheet, margin: Fraction) -> Figure:
    """E2, months until an account has earned what winning it cost: CAC / (monthly revenue of a new account x margin).

    >>> payback(Figure.amount("E2", 300, n=3), Sheet(n_new=3, new=3600), Fraction(1, 2)).value
    Fraction(6, 1)
    """
    if cac.value is None:
        return Figure("E2", None, cac.reason, None, None, cac.n, "months")
    earned = Fraction(sheet.new, 12 * sheet.n_new) * margin if sheet.n_new > 0 else Fraction(0)
    return Figure.ratio("E2", cac.value, earned, n=sheet.n_new, unit="months", empty="new accounts earn nothing")


class Opportunity(NamedTuple):
    """All that was said about one, put together."""

    account_id: str
    opportunity_id: str
    opened: float | None
    """Unix seconds."""
    closed: float | None
    won: bool
    cents: int
    """The newest amount said; zero where none was."""
    clg: str
    """ "sourced", "influenced" or empty."""


def opportunities(dealings: Iterable[Dealing]) -> list[Opportunity]:
    """Put together by account and id, in any order; the newest word on whether it was won or lost holds."""
    by_id: dict[tuple[str, str], list[Dealing]] = {}
    for one in dealings:
        by_id.setdefault((one.account_id, one.opportunity_id), []).append(one)
    return [_together(sorted(said, key=_when)) for _, said in sorted(by_id.items())]


def _when(one: Dealing) -> tuple[float, str]:
    return one.at, one.message_id


def _together(said: list[Dealing]) -> Opportunity:
    opened = next((one.at for one in said if one.state == "opened"), None)
    closing = next((one for one in reversed(said) if one.state != "opened"), None)
    cents = next((one.cents for one in reversed(said) if one.cents is not None), 0)
    ways = {one.clg for one in said}
    clg = "sourced" if "sourced" in ways else "influenced" if "influenced" in ways else ""
    closed = None if closing is None else closing.at
    won = closing is not None and closing.state == "won"
    return Opportunity(said[0].account_id, said[0].opportunity_id, opened, closed, won, cents, clg)


class Pipeline(NamedTuple):
    """E3, of the opportunities that customer-led growth influenced (or sourced), beside all."""

    amount: Figure
    """Of those opened in the period."""
    win_rate: Figure
    """Won / closed, of those closed in the period."""
    share: Figure
    """Amount / amount of all that were opened in the period."""


def pipeline(found: Iterable[Opportunity], period: Period, ways: frozenset[str]) -> Pipeline:
    """E3 for some `ways` of ("sourced", "influenced", ""); what was sourced was influenced as well, so name both.

    >>> pipeline([Opportunity("acme", "o-1", 1_770_000_000.0, None, False, 500, "sourced")],
    ...          Period.parse("2026"), frozenset({"sourced"})).share.value
    Fraction(1, 1)
    """
    found = list(found)
    opened = [one for one in found if _within(one.opened, period)]
    ours = [one for one in opened if one.clg in ways]
    closed = [one for one in found if _within(one.closed, period) and one.clg in ways]
    amount, whole = sum(one.cents for one in ours), sum(one.cents for one in opened)
    return Pipeline(
        Figure.amount("E3", amount, n=len(ours)),
        Figure.ratio("E3", sum(one.won for one in closed), len(closed), n=len(closed), empty="none was closed"),
        Figure.ratio("E3", amount, whole, n=len(opened), empty="nothing was opened"),
    )


def is_clg(motion: str) -> bool:
    """Whether accounts or spending of a motion are those of customer-led growth, however it is written.

    >>> is_clg("CLG"), is_clg("non-CLG")
    (True, False)
    """
    return _folded(motion) == CLG


def alike(motion: str, known: Collection[str]) -> str:
    """A motion as accounts name it, where spending names it with other capitals.

    >>> alike("clg", {"CLG", "sales-led"}), alike("events", {"CLG"})
    ('CLG', 'events')
    """
    if motion in known:
        return motion
    return min((one for one in known if _folded(one) == _folded(motion)), default=motion)


def _folded(motion: str) -> str:
    return motion.strip().casefold()


def clg_share(spends: Iterable[Spend], period: Period) -> Figure:
    """E3: spent on customer-led growth / all that was spent."""
    spends = [one for one in spends if period.contains(one.on)]
    part = sum(one.cents for one in spends if is_clg(one.motion))
    return Figure.ratio("E3", part, sum(one.cents for one in spends), n=len(spends), empty="nothing was spent")


def concerns(one: Opportunity, period: Period) -> bool:
    """Whether it was opened or closed in the period: others are in no figure of E3."""
    return _within(one.opened, period) or _within(one.closed, period)


def _within(at: float | None, period: Period) -> bool:
    return at is not None and period.start.toordinal() <= day_of(at) < period.end.toordinal()
