"""One row of the measurement of lift: an entity over a period, and what had touched it before the period began."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from scorecard.sheet import Sheet

Amounts = tuple[int, ...]
"""The revenue at the start (above zero), then the money of each outcome in the order of `Outcome`; minor units, none
below zero."""


class Outcome(StrEnum):
    """What is compared (C3): each is a sum of money / the sum of revenue at the start."""

    NRR = "nrr"
    GRR = "grr"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    """Lost by contraction; lower is better."""
    CHURN = "churn"
    """Lost by churn; lower is better."""


class Unit(NamedTuple):
    """An entity that was active when the period began."""

    number: int
    """Of the entity: no two units have the same."""
    amounts: Amounts
    strata: Mapping[str, str]
    """Dimension -> its value (a category, or the band of a number) when the period began."""
    programmes: frozenset[str] = frozenset()
    """That touched it within the days before the period; what came later doesn't count. Empty: it is not exposed."""
    crossed: bool = False
    """Not exposed, but touched inside the period: it makes the arms more alike than they were meant to be."""
    covariates: Mapping[str, float] = {}
    """Numbers as they were when the period began, for the table of balance: tenure_days, health, ..."""
    before: Amounts | None = None
    """Over the false period of the placebo; None where it was no customer yet, or truly touched early enough to matter
    for it."""
    cohorts: Mapping[str, str] = {}
    """Dimension -> its cohort in the period."""


def amounts(sheet: Sheet) -> Amounts:
    """Of a period's sheet.

    >>> amounts(Sheet(n_start=1, start=100, end=70, kept=70, contraction=-30))
    (100, 70, 70, 0, 30, 0)
    """
    expansion = sheet.upsell + sheet.cross_sell + sheet.usage
    return sheet.start, sheet.end, sheet.kept, expansion, -sheet.contraction, -sheet.churn
