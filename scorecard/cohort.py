"""Which cohort an entity belongs to in a period."""

from collections.abc import Callable, Sequence

from scorecard.book import Book
from scorecard.period import Period

NONE = "(none)"
"""The cohort of those of whom the dimension is not known."""

DIMENSIONS = ("segment", "industry", "region", "product", "motion", "start_month", "stage")
"""Every other name is a trait's."""


def cohort(books: Sequence[Book], dimension: str, period: Period) -> str:
    """Of the entity that the accounts make (the first one leads): its value of `dimension` at the period's start.

    An entity that was not known then has its first value. For "product" it is the mix held at the start: "A+B".
    """
    raise NotImplementedError


Cohorts = Callable[[Sequence[Book], Period], str]
