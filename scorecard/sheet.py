"""What one entity's period adds to every figure of retention and expansion: whole numbers that can be added up."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scorecard.movement import Movement
from scorecard.period import Period
from scorecard.rates import Rates


class Sheet(NamedTuple):
    """Counts of entities, and money in minor units of the reporting currency at the rates of the period's first day.

    The waterfall (R4) closes by `start + new + reactivation + upsell + cross_sell + usage + contraction + churn + fx ==
    total_end`, and the headline agrees with it by `end == start + upsell + cross_sell + usage + contraction + churn +
    returned - outside`. Money that went is negative.
    """

    n_start: int = 0
    """Active (recurring revenue above zero) when the period starts."""
    n_retained: int = 0
    """Active at start and at end."""
    n_end: int = 0
    """Active at the end, whenever they came."""
    n_new: int = 0
    """With a `new` movement inside."""
    n_reactivated: int = 0
    """Not active at start, with a `reactivation` inside."""
    n_churned: int = 0
    """Active at start and not at end."""
    n_returned: int = 0
    """Active at start, left inside and came back inside: retained."""
    n_expanded: int = 0
    """Active at start, with any expansion inside."""
    n_upsold: int = 0
    """Active at start, with upsell or usage inside."""
    n_cross_sold: int = 0
    """Active at start, with cross_sell inside."""
    n_contracted: int = 0
    """Active at start, with contraction inside."""
    products_start: int = 0
    """Products held by those active at start, added up."""
    products_end: int = 0
    """Products held at the end, added up."""
    start: int = 0
    end: int = 0
    """At the end of those active at start, at the rates of the start."""
    kept: int = 0
    """Sum of min(start, end)."""
    total_end: int = 0
    """At the end of all, at the rates of the end."""
    new: int = 0
    reactivation: int = 0
    upsell: int = 0
    cross_sell: int = 0
    usage: int = 0
    contraction: int = 0
    churn: int = 0
    fx: int = 0
    """What the change of rates inside the period did to the balances at its end."""
    returned: int = 0
    """The part of `reactivation` that is of entities active at start: they left and came back inside."""
    outside: int = 0
    """Of entities not active at start: expansion, contraction and churn after they had come."""

    def __add__(self, other: object) -> "Sheet":
        if not isinstance(other, Sheet):
            return NotImplemented
        return Sheet._make(map(int.__add__, self, other))

    def __sub__(self, other: object) -> "Sheet":
        if not isinstance(other, Sheet):
            return NotImplemented
        return Sheet._make(map(int.__sub__, self, other))


def total(sheets: Iterable[Sheet]) -> Sheet:
    """The sum; of none, a sheet of zeros."""
    return Sheet._make(map(sum, zip(*sheets, strict=True))) if (sheets := list(sheets)) else Sheet()


def sheet(movements: Sequence[Movement], period: Period, rates: Rates) -> Sheet:
    """Of one entity, from all its movements (of all its accounts, as reclassified), oldest first."""
    raise NotImplementedError


def sheets_by_product(movements: Sequence[Movement], period: Period, rates: Rates) -> dict[str, Sheet]:
    """The same split by product: money adds up to the entity's (but `kept`); counts are of (entity, product)."""
    raise NotImplementedError
