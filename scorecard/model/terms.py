"""What a read model is computed by: decisions of the business, from scorecard.yaml."""

import json
from datetime import date
from typing import NamedTuple

from scorecard.cohort import MIX
from scorecard.exposure import WITHIN_DAYS
from scorecard.family import Unit
from scorecard.money import exponent
from scorecard.rates import Rates

LARGE = 10**12
"""Minor units whose worth tells a rate to twelve digits."""

RATES = "rates"
EXPOSURE, PROGRAMMES = "exposure_days", "exposure_programmes"
"""Names of what is noted of terms: money changes with the rates, and nothing that is kept with what exposes."""

EVERYBODY = ""
"""In the place of a dimension: no cohorts."""

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
    exposure_days: int = WITHIN_DAYS
    """A touchpoint exposes the movements of so many days after it (C1)."""
    programmes: frozenset[str] | None = None
    """Of these programmes; None: of any."""

    def told(self) -> dict[str, str]:
        """All of it as texts, by name: what is noted in the read model, and shown by its view v_settings."""
        rates = {
            currency: [[str(day), self.rates.convert(LARGE, currency, day)] for day in _days(self.rates, currency)]
            for currency in self.rates.currencies
        }
        return {
            "reporting_currency": self.rates.reporting,
            "minor_digits": str(exponent(self.rates.reporting)),
            RATES: json.dumps(rates),
            "unit": self.unit,
            "dimensions": json.dumps(self.dimensions),
            "catalogue": json.dumps(sorted(self.catalogue)),
            EXPOSURE: str(self.exposure_days),
            PROGRAMMES: json.dumps(None if self.programmes is None else sorted(self.programmes)),
        }


def _days(rates: Rates, currency: str) -> list[date]:
    """The days from which a currency's rates hold; the first holds before its day as well."""
    return [date.min, *rates.changes(currency, date.min)]
