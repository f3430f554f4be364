"""The kinds of metrics that a profile can declare."""

from typing import Annotated

from pydantic import Field

from scoring.metrics.amounts import Amount, Deviation, Trend
from scoring.metrics.answers import Answers, Latest
from scoring.metrics.breadth import ActiveDays, Distinct, Share
from scoring.metrics.items import OpenItems
from scoring.metrics.money import Subscription
from scoring.metrics.relative import Rank, Ratio
from scoring.metrics.times import Rhythm, Silence, TimeSince, TimeToFirst

AnyMetric = Annotated[
    Amount | Trend | Deviation | Distinct | Share | ActiveDays | Answers | Latest | Silence | Rhythm | TimeSince
    | TimeToFirst | OpenItems | Subscription | Ratio | Rank,
    Field(discriminator="kind"),
]  # fmt: skip
"""Any kind of metric; `kind` says which."""

__all__ = ["AnyMetric"]
