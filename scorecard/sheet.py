"""What one entity's period adds to every figure of retention and expansion: whole numbers that can be added up."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from scorecard.movement import EXPANSION, Kind, Movement
from scorecard.period import Period
from scorecard.rates import Rates


class Sheet(NamedTuple):
    """Counts of entities, and money in minor units of the reporting currency, at the rates at which the period opens.

    These are the rates of the day before its first, so that a period opens with what the one before closed with.

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
    n_expansion: int = 0
    """With any expansion inside, whenever they came: those whose money X1 counts."""
    n_upsell: int = 0
    """Of these, with upsell."""
    n_cross_sell: int = 0
    n_usage: int = 0
    n_upsold: int = 0
    """Active at start, with upsell or usage inside."""
    n_cross_sold: int = 0
    """Of n_crossable, with cross_sell inside: what is bought again that was held at the start is none."""
    n_crossable: int = 0
    """Active at start, and without at least one of the products that there are."""
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
    expansion_outside: int = 0
    """The part of `outside` that is expansion."""

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


def sheet(
    movements: Sequence[Movement], period: Period, rates: Rates, catalogue: frozenset[str] = frozenset()
) -> Sheet:
    """Of one entity, from all its movements, by day (of several accounts: as `family.reclassified` gives them).

    `catalogue`: the products that there are; when it is empty, there is always another one to buy.

    >>> from datetime import date
    >>> rows = [Movement("acme", "core", "s", Kind.NEW, date(2026, 1, 1), 100, "EUR", 100, "m-1"),
    ...         Movement("acme", "core", "s", Kind.UPSELL, date(2026, 8, 1), 20, "EUR", 20, "m-2")]
    >>> of = sheet(rows, Period.parse("2026-Q3"), Rates("EUR"))
    >>> of.start, of.upsell, of.end, of.n_retained
    (100, 20, 120, 1)
    """
    return _account(movements, period, rates).whole(catalogue)


def both(
    movements: Sequence[Movement], period: Period, rates: Rates, catalogue: frozenset[str] = frozenset()
) -> tuple[Sheet, dict[str, Sheet]]:
    """What `sheet` and `sheets_by_product` say, with one look at the movements."""
    account = _account(movements, period, rates)
    return account.whole(catalogue), account.by_product(catalogue)


def sheets_by_product(
    movements: Sequence[Movement], period: Period, rates: Rates, catalogue: frozenset[str] = frozenset()
) -> dict[str, Sheet]:
    """The same by product. Money adds up to the entity's; `kept` does not, as min(start, end) is taken of each product.

    Counts are of products held by one entity, not of entities: `n_start` of the sum over accounts is how many hold it.
    """
    return _account(movements, period, rates).by_product(catalogue)


def inside(movements: Iterable[Movement], period: Period, rates: Rates) -> Iterator[Movement]:
    """The movements of one entity within a period, without fx, at the rates at which it opens: what its bars add up.

    What a product was less by at the rate of the day may be more at these, when its currency changed; its kind is then
    that of the difference that is shown.
    """
    if rates.single:  # each is worth what it was on its day
        for row in movements:
            if row.on >= period.end:
                break
            if row.on >= period.start:
                yield row
        return
    opening = period.start - timedelta(days=1)
    native: dict[tuple[str, str, str], int] = {}
    for on, group in groupby(movements, key=attrgetter("on")):
        if on >= period.end:
            break
        rows, net = list[Movement](), dict[str, int]()
        for row in group:
            key = row.account_id, row.product, row.currency
            before = native.get(key, 0)
            after = native[key] = before + row.native
            if on >= period.start and row.kind is not Kind.FX:
                cents = rates.convert(after, row.currency, opening) - rates.convert(before, row.currency, opening)
                rows.append(row._replace(cents=cents))
                net[row.product] = net.get(row.product, 0) + cents
        for row in rows:
            yield row._replace(kind=_shown(row.kind, net[row.product]))


def _shown(kind: Kind, net: int) -> Kind:
    """Of what moved of a product on a day, by `net` at the rates at which the period opens."""
    if net > 0 and kind is Kind.CONTRACTION:
        return Kind.UPSELL
    return Kind.CONTRACTION if net < 0 and kind in EXPANSION else kind


class _Account:
    """What one entity's movements come to, by product."""

    def __init__(self) -> None:
        self.start: dict[str, int] = {}
        """Product: worth at the start."""
        self.total_end: dict[str, int] = {}
        """Product: worth at the end, at the rates of the end."""
        self.moved: dict[str, dict[Kind, int]] = {}
        """Product: what moved inside, by kind, at the rates of the start."""

    def whole(self, catalogue: frozenset[str]) -> Sheet:
        moved: dict[Kind, int] = {}
        for one in self.moved.values():
            for kind, cents in one.items():
                moved[kind] = moved.get(kind, 0) + cents
        start, total_end = sum(self.start.values()), sum(self.total_end.values())
        held = {product for product, cents in self.start.items() if cents > 0} if start > 0 else set[str]()
        return _filled(
            start, total_end, moved, active=start > 0,
            crossable=start > 0 and (not catalogue or not held >= catalogue),
            products_start=len(held),
            products_end=sum([cents > 0 for cents in self.total_end.values()]),
        )  # fmt: skip

    def by_product(self, catalogue: frozenset[str]) -> dict[str, Sheet]:
        active = sum(self.start.values()) > 0
        sheets = {}
        for product in sorted({*self.total_end, *catalogue}):
            start, total_end = self.start.get(product, 0), self.total_end.get(product, 0)
            sheets[product] = _filled(
                start, total_end, self.moved.get(product, {}), active=active, crossable=active and start <= 0,
                products_start=int(start > 0), products_end=int(total_end > 0),
            )  # fmt: skip
        return sheets


def _account(movements: Sequence[Movement], period: Period, rates: Rates) -> _Account:
    since, until, single = period.start, period.end, rates.single
    of = _Account()
    start, total_end, moved = of.start, of.total_end, of.moved
    for _account_id, product, _subscription, kind, on, cents, _currency, _native, _message_id in movements:
        if on >= until:
            break
        total_end[product] = total_end.get(product, 0) + cents
        if on < since:
            start[product] = start.get(product, 0) + cents
        elif single:  # as `inside` has it, sooner
            kinds = moved.setdefault(product, {})
            kinds[kind] = kinds.get(kind, 0) + cents
    if not single:
        for row in inside(movements, period, rates):
            kinds = moved.setdefault(row.product, {})
            kinds[row.kind] = kinds.get(row.kind, 0) + row.cents
    return of


def _filled(
    start: int,
    total_end: int,
    moved: Mapping[Kind, int],
    *,
    active: bool,
    crossable: bool,
    products_start: int,
    products_end: int,
) -> Sheet:
    """`active`: whether the entity was, when the period started."""
    came, back = moved.get(Kind.NEW, 0), moved.get(Kind.REACTIVATION, 0)
    upsell, cross_sell, usage = (moved.get(kind, 0) for kind in EXPANSION)
    contraction, churn = moved.get(Kind.CONTRACTION, 0), moved.get(Kind.CHURN, 0)
    expansion = upsell + cross_sell + usage
    within = expansion + contraction + churn
    end = start + came + back + within
    there, stays = start > 0, total_end > 0
    expands = upsell > 0 or cross_sell > 0 or usage > 0
    return Sheet(
        n_start=int(there),
        n_retained=int(there and stays),
        n_end=int(stays),
        n_new=int(came > 0),
        n_reactivated=int(back > 0 and not active),
        n_churned=int(there and not stays),
        n_returned=int(there and stays and active and back > 0),
        n_expanded=int(there and expands),
        n_expansion=int(expands),
        n_upsell=int(upsell > 0),
        n_cross_sell=int(cross_sell > 0),
        n_usage=int(usage > 0),
        n_upsold=int(there and (upsell > 0 or usage > 0)),
        n_cross_sold=int(crossable and cross_sell > 0),
        n_crossable=int(crossable),
        n_contracted=int(there and contraction < 0),
        products_start=products_start,
        products_end=products_end,
        start=start,
        end=end if active else 0,
        kept=min(start, end) if there and active else 0,
        total_end=total_end,
        new=came,
        reactivation=back,
        upsell=upsell,
        cross_sell=cross_sell,
        usage=usage,
        contraction=contraction,
        churn=churn,
        fx=total_end - end,
        returned=back if active else 0,
        outside=0 if active else within,
        expansion_outside=0 if active else expansion,
    )
