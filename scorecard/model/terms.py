"""What a read model is computed by: decisions of the business, from scorecard.yaml."""

from typing import NamedTuple

from scorecard.cohort import DIMENSIONS
from scorecard.family import Unit
from scorecard.rates import Rates

PRODUCT = "product"
"""The dimension by which an entity's money is split instead of the entities: see Model.sheet."""


class Terms(NamedTuple):
    """With others than the ones that it was made with, a read model computes all of its figures anew."""

    rates: Rates
    unit: Unit = "account"
    dimensions: tuple[str, ...] = DIMENSIONS
    """What cohorts are kept by: those of scorecard/cohort.py, and traits."""
    exposure_days: int = 90
    """A touchpoint exposes the movements of so many days after it (C1)."""
