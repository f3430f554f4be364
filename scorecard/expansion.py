"""Expansion: the one place where X1 to X5 are computed."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.movement import EXPANSION, Kind, Movement
from scorecard.period import Period
from scorecard.retention import NOBODY
from scorecard.sheet import Sheet
from scorecard.tally import Tally

QUARTER_DAYS = Fraction(1461, 16)
"""A quarter of a year of 365.25 days."""


def expansion(sheet: Sheet, kind: Kind | None = None) -> Figure:
    """X1: recurring revenue that was added, of one kind of EXPANSION or of all; n: accounts that it is of.

    It is the bars of the waterfall (R4), so months add up to their quarter: what an account added after it had come
    within the period is expansion too. NRR (R3) and `velocity` are of the accounts that were there at the start.

    >>> of = Sheet(n_expansion=2, n_upsell=2, upsell=100, n_usage=1, usage=20)
    >>> expansion(of).value, expansion(of, Kind.USAGE).value, expansion(of, Kind.USAGE).n
    (Fraction(120, 1), Fraction(20, 1), 1)
    """
    parts = {
        Kind.UPSELL: (sheet.upsell, sheet.n_upsell),
        Kind.CROSS_SELL: (sheet.cross_sell, sheet.n_cross_sell),
        Kind.USAGE: (sheet.usage, sheet.n_usage),
    }
    amount, n = (_whole(sheet), sheet.n_expansion) if kind is None else parts[kind]
    return Figure.amount("X1", amount, n=n)


def _whole(sheet: Sheet) -> int:
    return sheet.upsell + sheet.cross_sell + sheet.usage


def upsell_rate(sheet: Sheet) -> Figure:
    """X2: accounts that bought more of a product / accounts that could, which are all active at start.

    >>> upsell_rate(Sheet(n_start=4, n_upsold=1)).value
    Fraction(1, 4)
    """
    return Figure.ratio("X2", sheet.n_upsold, sheet.n_start, n=sheet.n_start, empty=NOBODY)


def cross_sell_rate(sheet: Sheet) -> Figure:
    """X2: accounts that bought another product / accounts that could: active at start and without some product.

    >>> cross_sell_rate(Sheet(n_start=4, n_crossable=3, n_cross_sold=1)).value
    Fraction(1, 3)
    """
    empty = NOBODY if sheet.n_start == 0 else "every account has every product already"
    return Figure.ratio("X2", sheet.n_cross_sold, sheet.n_crossable, n=sheet.n_crossable, empty=empty)


def products_per_account(sheet: Sheet) -> Figure:
    """X3: products held at the end of the period / accounts active then.

    >>> products_per_account(Sheet(n_end=2, products_end=3)).value
    Fraction(3, 2)
    """
    return Figure.ratio(
        "X3", sheet.products_end, sheet.n_end, n=sheet.n_end, unit="products", empty="no account is active at the end"
    )


def products_distribution(sheets: Iterable[Sheet]) -> dict[int, int]:
    """X3: how many entities hold how many products at the end of the period, from the sheets of single entities.

    >>> products_distribution([Sheet(n_end=1, products_end=2), Sheet(n_end=1, products_end=1), Sheet()])
    {1: 1, 2: 1}
    """
    return dict(sorted(Counter(sheet.products_end for sheet in sheets if sheet.n_end).items()))


def arpa(sheet: Sheet) -> Figure:
    """X4: recurring revenue at the end of the period / accounts active then, at the rates of the end; per year.

    >>> arpa(Sheet(n_end=2, total_end=300)).value
    Fraction(150, 1)
    """
    return Figure.ratio(
        "X4", sheet.total_end, sheet.n_end, n=sheet.n_end, unit="money", empty="no account is active at the end"
    )


def velocity(sheet: Sheet, period: Period) -> Figure:
    """X5: recurring revenue that accounts active at start added by expansion, per such account and quarter of a year.

    >>> round(float(velocity(Sheet(n_start=2, upsell=300), Period.parse("2026")).value or 0), 2)
    37.53
    """
    quarters = Fraction(period.days) / QUARTER_DAYS
    amount = _whole(sheet) - sheet.expansion_outside
    return Figure.ratio("X5", amount, sheet.n_start * quarters, n=sheet.n_start, unit="money", empty=NOBODY)


class Paces(NamedTuple):
    """X5, days: from the start to the first expansion, and from one expansion to the next; medians of those inside."""

    to_first: Figure
    to_next: Figure


FIRST, NEXT = "first", "next"
"""Groups of a tally: how many expansions took so many days."""


def waits(movements: Iterable[Movement], period: Period) -> Tally:
    """What an entity adds to X5: of its expansions within a period, how many took how many days, `first/30`; from its
    movements by day. One that came back starts anew; several rows of one day are one expansion.
    """
    took, since, group = Counter[str](), None, FIRST
    for row in movements:
        if row.on >= period.end:
            break
        if row.kind in (Kind.NEW, Kind.REACTIVATION):
            since, group = row.on, FIRST
        elif row.kind in EXPANSION and row.cents > 0 and since is not None and row.on > since:
            if row.on >= period.start:
                took[f"{group}/{(row.on - since).days}"] += 1
            since, group = row.on, NEXT
    return Tally(took)


def paces(tally: Tally) -> Paces:
    """X5, from what entities add to it.

    >>> first, following = paces(Tally({"first/30": 1, "first/40": 2, "first/50": 1}))
    >>> first.value, first.n, following.reason
    (Fraction(40, 1), 4, 'no further expansion in the period')
    """
    return Paces(
        _median("X5.first", tally.under(FIRST), "first expansion"),
        _median("X5.next", tally.under(NEXT), "further expansion"),
    )


def _median(figure: str, counts: Iterable[tuple[str, int]], what: str) -> Figure:
    days = sorted((int(days), count) for days, count in counts)
    n = sum(count for _, count in days)
    if not n:
        return Figure(figure, None, f"no {what} in the period", None, None, 0, "days")
    ends = list(accumulate(count for _, count in days))
    low, high = (days[bisect_left(ends, place)][0] for place in ((n + 1) // 2, n // 2 + 1))
    return Figure(figure, Fraction(low + high, 2), None, None, None, n, "days")
