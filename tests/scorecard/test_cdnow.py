"""Real purchases, read as recurring revenue by quarter, against an independent computation with pandas.

CDNOW: all purchases until June 1998 of the 23,570 people who first bought in the first quarter of 1997
(https://www.brucehardie.com/datasets/). What somebody spends in a quarter is their recurring revenue of that quarter.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scorecard.book import Book
from scorecard.fact import EPOCH
from scorecard.money import minor
from scorecard.period import Period, quarter_of
from scorecard.rates import Rates
from scorecard.retention import grr, logo_retention, nrr, waterfall
from scorecard.sheet import Sheet, sheet, total
from scoring.event import Event

DOLLARS = Rates("USD")

QUARTERS = ["1997-Q1", "1997-Q2", "1997-Q3", "1997-Q4", "1998-Q1", "1998-Q2"]


def purchases() -> Path:
    """The file inside the installed package, whose code is not run: number, day, discs, dollars in each line."""
    return Path(str(distribution("lifetimes").locate_file("lifetimes/datasets/CDNOW_master.txt")))


def spent() -> dict[str, dict[str, int]]:
    """Cents by buyer and quarter."""
    cents: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in purchases().read_text(encoding="ascii").splitlines()[1:]:
        buyer, day, _, dollars = line.split()
        quarter = quarter_of(date(int(day[:4]), int(day[4:6]), int(day[6:]))).label
        cents[buyer][quarter] += minor(dollars, "USD")
    return cents


def events(buyer: str, cents: Mapping[str, int]) -> Iterator[Event]:
    """One on the first day of each quarter in which another amount is spent than in the one before."""
    before, ever = 0, False
    for quarter in QUARTERS:
        now = cents.get(quarter, 0)
        if now == before:
            continue
        name = "expanded" if now > before else "contracted"
        if before == 0:
            name = "reactivated" if ever else "started"
        if now == 0:
            name = "churned"
        at = (Period.parse(quarter).start.toordinal() - EPOCH) * 86_400.0
        said = {"subscription_id": "discs", "product": "discs", "arr": f"{now / 100:.2f}", "currency": "USD"}
        yield Event(buyer, "revenue", f"subscription_{name}", at, at, f"{buyer}-{quarter}", None, said)
        before, ever = now, True


@pytest.fixture(scope="module")
def books() -> list[Book]:
    found = []
    for buyer, cents in spent().items():
        book = Book(buyer)
        for event in events(buyer, cents):
            book.take(event, DOLLARS)
        found.append(book)
    return found


@pytest.fixture(scope="module")
def table() -> Any:
    """Cents by buyer (row) and quarter (column), by pandas alone."""
    rows = pd.read_csv(purchases(), sep=r"\s+", skiprows=1, names=["buyer", "day", "discs", "dollars"])
    assert (len(rows), rows["buyer"].nunique()) == (69_659, 23_570)
    rows["quarter"] = pd.to_datetime(rows["day"].astype(str), format="%Y%m%d").dt.to_period("Q").astype(str)
    rows["cents"] = (rows["dollars"] * 100).round().astype("int64")
    return rows.pivot_table(index="buyer", columns="quarter", values="cents", aggfunc="sum", fill_value=0)


def expected(table: Any, before: str, after: str) -> dict[str, int]:
    """What a sheet of the quarter `after` must hold, from two columns and those before them."""
    start, end = table[before.replace("-", "")], table[after.replace("-", "")]
    once = (table.loc[:, : before.replace("-", "")] > 0).any(axis=1)
    there, stays = start > 0, end > 0
    more, less = (end - start).clip(lower=0), (end - start).clip(upper=0)
    return {
        "n_start": int(there.sum()),
        "n_retained": int((there & stays).sum()),
        "n_end": int(stays.sum()),
        "n_new": int((stays & ~once).sum()),
        "n_reactivated": int((stays & ~there & once).sum()),
        "n_churned": int((there & ~stays).sum()),
        "n_expanded": int((there & (end > start)).sum()),
        "n_expansion": int((there & (end > start)).sum()),
        "n_upsell": int((there & (end > start)).sum()),
        "n_contracted": int((there & stays & (end < start)).sum()),
        "start": int(start.sum()),
        "end": int(end[there].sum()),
        "kept": int(pd.concat([start, end], axis=1).min(axis=1).sum()),
        "total_end": int(end.sum()),
        "new": int(end[~there & ~once].sum()),
        "reactivation": int(end[~there & once].sum()),
        "upsell": int(more[there].sum()),
        "contraction": int(less[there & stays].sum()),
        "churn": int(less[there & ~stays].sum()),
    }


@pytest.mark.parametrize(("before", "after"), list(pairwise(QUARTERS)))
def test_every_figure_of_every_quarter_is_what_pandas_says(
    books: list[Book], table: Any, before: str, after: str
) -> None:
    """R1 to R4, X1."""
    of = total(sheet(book.movements, Period.parse(after), DOLLARS) for book in books)
    should = expected(table, before, after)
    assert {name: getattr(of, name) for name in should} == should
    assert of == Sheet(
        **should, n_upsold=of.n_expanded, n_crossable=of.n_start, products_start=of.n_start, products_end=of.n_end
    )
    assert waterfall(of).gap == 0
    assert logo_retention(of).value == Fraction(should["n_retained"], should["n_start"])
    assert grr(of).value == Fraction(should["kept"], should["start"])
    assert nrr(of).value == Fraction(should["end"], should["start"])
