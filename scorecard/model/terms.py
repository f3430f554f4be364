"""What a read model is computed by: decisions of the business, from scorecard.yaml."""

import json
from datetime import date
from typing import NamedTuple

from scorecard.cohort import MIX
from scorecard.exposure import EXPOSING, Exposing
from scorecard.family import Unit
from scorecard.money import exponent
from scorecard.rates import Rates

KEPT_BY = "dimensions"
"""Name of what is noted of the dimensions."""

LARGE = 10**12
"""Minor units whose worth tells a rate to twelve digits."""

RATES, EXPOSURE = "rates", "exposure_days"
"""Names of what is noted of terms: what movements are worth, and how long touchpoints expose them."""

EVERYBODY = ""
"""In the place of a dimension: no cohorts."""

COHORTS = "+"
"""In place of a dimension: the value is the number of a cohort, of which all dimensions are known. By several
dimensions at once these are added up, and not entities.
"""

PRODUCT = "product"
"""The dimension that splits an entity's money by product, and so cuts through entities: see Model.sheet."""

DIMENSIONS = ("segment", "industry", "region", MIX, "motion", "start_month", "stage")


class Terms(NamedTuple):
    """With others than the ones that it was made with, a read model computes all of its figures anew."""

    rates: Rates
    unit: Unit = "account"
    dimensions: tuple[str, ...] = DIMENSIONS
    """What cohorts are kept by, beside PRODUCT: these, and any trait."""
    catalogue: frozenset[str] = frozenset()
    """The products that there are; when it is empty, there is always another one to buy."""
    exposing: Exposing = EXPOSING
    """Which touchpoints expose movements (C1)."""

    def told(self) -> dict[str, str]:
        """All of it as texts, by name: what is noted in the read model, and shown by its view v_settings."""
        rates = {
            currency: [[str(day), self.rates.convert(LARGE, currency, day)] for day in _days(self.rates, currency)]
            for currency in self.rates.currencies
        }
        counting = self.exposing.programmes
        return {
            "reporting_currency": self.rates.reporting,
            "minor_digits": str(exponent(self.rates.reporting)),
            RATES: json.dumps(rates),
            "unit": self.unit,
            KEPT_BY: json.dumps(self.dimensions),
            "catalogue": json.dumps(sorted(self.catalogue)),
            EXPOSURE: str(self.exposing.within_days),
            "exposure_programmes": json.dumps(None if counting is None else sorted(counting)),
        }


def _days(rates: Rates, currency: str) -> list[date]:
    """The days from which a currency's rates hold; the first holds before its day as well."""
    return [date.min, *rates.changes(currency, date.min)]
