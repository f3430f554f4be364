"""What a read model is computed by: decisions of the business, from scorecard.yaml."""

from typing import NamedTuple

from scorecard.exposure import WITHIN_DAYS
from scorecard.family import Unit
from scorecard.rates import Rates

EVERYBODY = ""
"""In the place of a dimension: no cohorts."""

PRODUCT = "product"
"""The dimension that splits an entity's money by product, and so cuts through entities: see Model.sheet."""

MIX = "product_mix"
"""The products that an entity held at a period's start, together: "A+B". The core calls this cohort "product"."""

DIMENSIONS = ("segment", "industry", "region", MIX, "motion", "start_month", "stage")


class Terms(NamedTuple):
    """With others than the ones that it was made with, a read model computes all of its figures anew."""

    rates: Rates
    unit: Unit = "account"
    dimensions: tuple[str, ...] = DIMENSIONS
    """What cohorts are kept by, beside PRODUCT: these, and any trait."""
    exposure_days: int = WITHIN_DAYS
    """A touchpoint exposes the movements of so many days after it (C1)."""
