"""Metrics made of other metrics: ratios, and ranks among the accounts of the same segment."""

from typing import Literal

from pydantic import Field

from scoring.account import Account
from scoring.layout import EVERYTHING, Layout
from scoring.metrics.metric import Metric, Reading, Values
from scoring.reference import Reference


class Ratio(Metric):
    """One metric over another, such as seats used over seats bought; missing when that is zero or missing."""

    kind: Literal["ratio"]
    numerator: str = Field(description="The metric above the line.")
    denominator: str = Field(description="The metric below the line.")

    @property
    def needs(self) -> tuple[str, ...]:
        return self.numerator, self.denominator

    def compile(self, layout: Layout) -> Reading:
        above, below = f"metrics.{self.numerator}", f"metrics.{self.denominator}"

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            denominator = values.get(below)
            if not denominator or above not in values:
                return None
            return float(values[above] / denominator)

        return Reading(read)


class Rank(Metric):
    """Where a metric of the account stands among its segment, 0 (lowest) to 1 (highest): the mid-rank share.

    Missing while the segment has fewer than ten accounts with the metric. The segment's distribution is handed in by
    the runtime and is as old as its last refresh.
    """

    kind: Literal["rank"]
    of: str = Field(description="The metric that is ranked.")

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of,)

    def compile(self, layout: Layout) -> Reading:
        key, of = f"metrics.{self.of}", self.of

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            reference: Reference | None = values.get("reference")
            value = values.get(key)
            if reference is None or value is None:
                return None
            return reference.rank(str(account.trait("segment") or ""), of, value)

        return Reading(read, touched_by=EVERYTHING)
