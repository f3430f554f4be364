"""One row of the measurement of lift: an entity over a period, and what had touched it before the period began."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from scorecard.sheet import Sheet


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
    """An entity that was active when the period began. Money in minor units: `start` above zero, none of it below."""

    entity: str
    exposed: bool
    """Touched within the days before the period; what came later doesn't count."""
    programmes: frozenset[str]
    """By which; empty where it is not exposed."""
    start: int
    end: int
    strata: Mapping[str, str]
    """Dimension -> its value (a category, or the band of a number) when the period began."""
    covariates: Mapping[str, float] = {}
    """Numbers as they were when the period began, for the table of balance: tenure_days, start, health, ..."""
    kept: int = 0
    """min(start, end)."""
    expansion: int = 0
    contraction: int = 0
    churn: int = 0
    crossed: bool = False
    """Not exposed, but touched inside the period: it makes the arms more alike than they were meant to be."""

    @property
    def amounts(self) -> tuple[int, ...]:
        """The start, then each outcome's money in the order of `Outcome`."""
        return self.start, self.end, self.kept, self.expansion, self.contraction, self.churn

    @classmethod
    def of(
        cls,
        entity: str,
        sheet: Sheet,
        programmes: frozenset[str],
        strata: Mapping[str, str],
        covariates: Mapping[str, float] | None = None,
        *,
        crossed: bool = False,
    ) -> "Unit":
        """From the entity's sheet of the period. ValueError where it was not active at the start.

        >>> Unit.of("acme", Sheet(n_start=1, start=100, end=70, kept=70, contraction=-30), frozenset(), {}).contraction
        30
        """
        if sheet.start <= 0:
            raise ValueError(
                f"{entity}: start {sheet.start}: only who had revenue when the period began can be compared"
            )
        return cls(
            entity,
            exposed=bool(programmes),
            programmes=programmes,
            start=sheet.start,
            end=sheet.end,
            strata=strata,
            covariates=covariates or {},
            kept=sheet.kept,
            expansion=sheet.upsell + sheet.cross_sell + sheet.usage,
            contraction=-sheet.contraction,
            churn=-sheet.churn,
            crossed=crossed and not programmes,
        )
