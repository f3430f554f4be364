"""C1, C6 and the pace of expansion (X5) of cohorts: they are made of every account, once for all cohorts together."""

from collections.abc import Mapping, Sequence

from scorecard.attribution import Model
from scorecard.book import Book
from scorecard.cohort import cohort
from scorecard.expansion import Waits
from scorecard.family import movements_of
from scorecard.model.rows import Cohort
from scorecard.model.terms import PRODUCT
from scorecard.period import Period
from scorecard.report.clg import Shares, credited, moves_of, touched_of
from scorecard.report.source import Figures, Source
from scorecard.settings.file import ScorecardFile

PARTED = frozenset({"C1", "C6", "X5.first", "X5.next"})
"""Figures that cohorts have from here."""


class Part:
    """A cohort."""

    def __init__(self) -> None:
        self._moved = self._touched = 0
        self._shares = Shares([Model.LINEAR])
        self._waits = Waits([], [])

    def add(self, books: Sequence[Book], period: Period, settings: ScorecardFile) -> None:
        """One entity more."""
        for move in moves_of(books, period, settings):
            self._moved, self._touched = self._moved + 1, self._touched + bool(move.touchpoints)
            self._shares.add(move)
        self._waits.add(movements_of(books), period)

    def figures(self) -> Figures:
        """By id."""
        (linear,) = self._shares.attributed()
        found = touched_of(self._touched, self._moved), credited(linear), *self._waits.paces()
        return {figure.id: figure for figure in found}


def parted(source: Source, period: Period, by: Sequence[str]) -> Mapping[Cohort, Figures]:
    """By the values of the dimensions `by`; none where one of them cuts through accounts. Kept (Source.kept)."""
    if PRODUCT in by:
        return {}
    return source.kept("parts by " + ", ".join(by), period, lambda: _parted(source, period, by))


def _parted(source: Source, period: Period, by: Sequence[str]) -> Mapping[Cohort, Figures]:
    parts: dict[Cohort, Part] = {}
    for books in source.model.books():
        values = tuple(cohort(books, name, period) for name in by)
        parts.setdefault(values, Part()).add(books, period, source.settings)
    return {values: part.figures() for values, part in parts.items()}
