"""Which accounts are one: merged ones, and, where it is asked for, the children of a parent."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Literal

from scorecard.book import Book
from scorecard.ledger import kind_of, whole_kind
from scorecard.movement import Kind, Movement
from scorecard.touchpoint import Touchpoint

Unit = Literal["account", "parent"]
"""What is counted as one: an account with those merged into it, or the whole family of a topmost parent."""


def entity(account_id: str, merged_into: Mapping[str, str], parents: Mapping[str, str], unit: Unit = "account") -> str:
    """The account that stands for this one, in every period: the last that it was merged into; by parents, the topmost.

    Who is merged into itself is not merged. Of a circle the smallest id stands for all that lead into it.

    >>> entity("a", {"a": "b"}, {"b": "c"}), entity("a", {"a": "b"}, {"b": "c"}, unit="parent")
    ('b', 'c')
    >>> entity("x", {"x": "z", "z": "y", "y": "z"}, {})
    'y'
    """
    path = [account_id]
    while True:
        here = path[-1]
        above = merged_into.get(here, here)
        if above == here and unit == "parent":
            above = parents.get(here, here)
        if above == here:
            return here
        if above in path:
            return min(path[path.index(above) :])
        path.append(above)


def reclassified(movements: Iterable[Movement]) -> list[Movement]:
    """The movements of several accounts as those of one entity, by day: churn of one is contraction of the whole.

    Rows and amounts stay; a product that passes from one account to another on a day is neither less nor more.
    """
    total, ever, rows = 0, False, list[Movement]()
    products: Counter[str] = Counter()
    for _, group in groupby(sorted(movements, key=_order), key=attrgetter("on")):
        day = list(group)
        moved = [row for row in day if row.kind is not Kind.FX]
        for row in day:
            if row.kind is Kind.FX:
                products[row.product] += row.cents
                total += row.cents
                rows.append(row)
        before, held = total, {row.product: products[row.product] for row in moved}
        for row in moved:
            products[row.product] += row.cents
            total += row.cents
        whole = whole_kind(before, total, ever=ever)
        ever = ever or total > 0
        grows = {row.product: row.kind.value for row in moved if row.kind in (Kind.USAGE, Kind.CROSS_SELL)}
        for row in moved:
            kind = whole or kind_of(held[row.product], products[row.product], grows.get(row.product, ""))
            rows.append(row._replace(kind=kind))
    return rows


def movements_of(books: Sequence[Book]) -> Sequence[Movement]:
    """Of an entity's accounts together."""
    if len(books) == 1:
        return books[0].movements
    return reclassified(movement for book in books for movement in book.movements)


def touchpoints_of(books: Sequence[Book], programmes: Collection[str] | None = None) -> Sequence[Touchpoint]:
    """Of an entity's accounts together, by time; only those of some programmes, where these are given."""
    if len(books) == 1 and programmes is None:
        return books[0].touchpoints
    found = [
        touch for book in books for touch in book.touchpoints if programmes is None or touch.programme in programmes
    ]
    return sorted(found, key=lambda touch: touch.at)


def _order(row: Movement) -> tuple[object, ...]:
    return row.on, row.kind is not Kind.FX, row.account_id, row.product, row.currency
