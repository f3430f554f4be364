"""Which cohort an entity belongs to in a period: by what it was when the period started."""

from collections.abc import Sequence
from datetime import date, timedelta

from scorecard.book import Book
from scorecard.fact import day_of
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.traits import START
from scoring.days import instant

NONE = "(none)"
"""The cohort of those of whom the dimension is not known: the cohorts of a dimension together are always all."""

DIMENSIONS = ("segment", "industry", "region", "product", "motion", "start_month", "stage")
"""What most ask for; every other name is a trait's."""

MIX = "product_mix"
"""The name of "product" where that splits an entity's money by product: those that it held at a period's start."""


def cohort(books: Sequence[Book], dimension: str, period: Period) -> str:
    """Of the entity that these accounts make, the first of which stands for it: `dimension` at the period's start.

    Of one that had no revenue before, its first value, if that was said before the period's end. `product`, or MIX, is
    the mix of those held at the start, "core + planning", else of those first bought within. `start_month` is that of
    the trait `start_date`, else of the first revenue: "2026-03".
    """
    if dimension in ("product", MIX):
        return _mix(books, period)
    if dimension == "start_month":
        return _start_month(books)
    value = books[0].trait(dimension, period.start)
    first = books[0].traits.first(dimension)
    came_before = any(book.movements and book.movements[0].on < period.start for book in books)
    past = period.start if came_before else period.end
    if value is None or first is None or day_of(first) >= past.toordinal():
        return NONE
    return value.lower() if dimension == "stage" else value  # as O5 has it


def _mix(books: Sequence[Book], period: Period) -> str:
    held = {product for book in books for product in book.products(period.start)}
    if not held:
        bought = (row.on for book in books for row in book.movements if period.contains(row.on) and row.cents > 0)
        first = min(bought, default=None)
        if first is not None:
            held = {product for book in books for product in book.products(first + timedelta(days=1))}
    return " + ".join(sorted(held)) or NONE


def _start_month(books: Sequence[Book]) -> str:
    said = books[0].traits.newest(START)
    at = None if said is None else instant(said)
    if at is not None:
        return f"{date.fromordinal(day_of(at)):%Y-%m}"
    first = min((row.on for book in books for row in book.movements if row.kind is Kind.NEW), default=None)
    return NONE if first is None else f"{first:%Y-%m}"
