"""What the figures are held against: agreed targets (G1) and outside benchmarks (G2)."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scorecard.settings.money import Number
from scorecard.settings.operations import MetricId

TARGETS_MAX = 500
BENCHMARKS_MAX = 500
"""Bounds of the file: people agree on them one by one."""


class Target(BaseModel):
    """An agreed value of a figure. Of several that apply, the one of the cohort wins over the one of everybody, then
    the one of the shortest period.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: MetricId = Field(description="Figure, such as R3 or A1.p75; see `accountpulse metrics`.")
    at_least: Number | None = Field(None, description="Met when the figure is at least so high.")
    at_most: Number | None = Field(None, description="Met when the figure is at most so high.")
    period: str | None = Field(
        None, description='Only for this period and those within it: "2026", "2026-Q3", "2026-07". Else for every one.'
    )
    cohort: dict[str, str] = Field({}, description="Only for this cohort: segment: enterprise. Else for everybody.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give one of `at_least` and `at_most`")
        return self


class ContractValue(BaseModel):
    """A band of revenue per account, in major units of the reporting currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: Number = Field(0, validate_default=True, description="From so much a year.", ge=0)
    below: Number | None = Field(None, description="To under so much.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.below is not None and self.below <= self.at_least:
            raise ValueError(f"`below` {self.below} must be over `at_least` {self.at_least}")
        return self


class Benchmark(BaseModel):
    """An outside figure; it applies where everything that it names fits, and of several the one that names most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: MetricId = Field(description="Figure, such as R3.")
    value: Number = Field(description="In the figure's unit.")
    source: str = Field(description="Who published it, and when.", min_length=1, max_length=500)
    model: str | None = Field(None, description="Business model, as `business.model` names it.")
    industry: str | None = Field(None, description="Industry of the accounts.")
    acv: ContractValue | None = Field(None, description="Revenue per account (X4) for which it holds.")


class Business(BaseModel):
    """What we are, for choosing benchmarks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field("", description="Business model, such as saas or usage_based.", max_length=64)


class Executive(BaseModel):
    """The few figures of the executive view (S1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adoption: Annotated[tuple[MetricId, ...], Field(min_length=1, max_length=2)] = Field(
        ("A2", "A6"), description="One or two of adoption."
    )
    retention: Annotated[tuple[MetricId, ...], Field(min_length=2, max_length=3)] = Field(
        ("R3", "R2", "X1"), description="Two or three of retention and expansion."
    )
    advocacy: Annotated[tuple[MetricId, ...], Field(min_length=1, max_length=2)] = Field(
        ("H5", "H6.pipeline"), description="One or two of advocacy and efficiency."
    )

    @property
    def figures(self) -> tuple[str, ...]:
        """All of them, in their order."""
        return (*self.adoption, *self.retention, *self.advocacy)
