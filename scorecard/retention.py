"""Retention: the one place where R1 to R4 are computed. Everything that shows them calls these.

A sheet is one entity's or a cohort's (see scorecard/sheet.py); the figures of a cohort are those of its summed sheet,
never means of ratios.
"""

from typing import NamedTuple

from scorecard.figure import Figure
from scorecard.sheet import Sheet

NOBODY = "no account was active at the start of the period"
NO_START = "recurring revenue at the start of the period is zero"


def logo_retention(sheet: Sheet) -> Figure:
    """R1: accounts active at start and at end / accounts active at start.

    >>> logo_retention(Sheet(n_start=4, n_retained=3)).value
    Fraction(3, 4)
    """
    return Figure.ratio("R1", sheet.n_retained, sheet.n_start, n=sheet.n_start, empty=NOBODY)


def grr(sheet: Sheet) -> Figure:
    """R2, gross revenue retention: sum of min(start, end) / sum of start, of accounts active at start; at most one.

    >>> grr(Sheet(n_start=2, start=200_00, kept=150_00)).value
    Fraction(3, 4)
    """
    return Figure.ratio("R2", sheet.kept, sheet.start, n=sheet.n_start, empty=NO_START)


def nrr(sheet: Sheet) -> Figure:
    """R3, net revenue retention: sum of end / sum of start, of accounts active at start, at the start's rates.

    >>> nrr(Sheet(n_start=2, start=200_00, end=230_00)).value
    Fraction(23, 20)
    """
    return Figure.ratio("R3", sheet.end, sheet.start, n=sheet.n_start, empty=NO_START)


class Waterfall(NamedTuple):
    """R4, minor units of the reporting currency; what went is negative. The bars add up: see `gap`."""

    start: int
    new: int
    reactivation: int
    upsell: int
    cross_sell: int
    usage: int
    contraction: int
    churn: int
    fx: int
    end: int

    @property
    def gap(self) -> int:
        """What the bars leave unexplained: zero, to the cent."""
        return self.end - sum(self[:-1])


def waterfall(sheet: Sheet) -> Waterfall:
    """R4, from the revenue at the start to that at the end.

    >>> waterfall(Sheet(start=100, new=20, churn=-10, total_end=110)).gap
    0
    """
    return Waterfall(
        sheet.start, sheet.new, sheet.reactivation, sheet.upsell, sheet.cross_sell, sheet.usage,
        sheet.contraction, sheet.churn, sheet.fx, sheet.total_end,
    )  # fmt: skip
