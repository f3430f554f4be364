"""What the business has agreed about references, success plans, the journey, and what foretells retention."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from scorecard.settings.usage import Days
from scoring.days import DAY

STAGES_MAX = 12
STAGE_METRICS_MAX = 5
"""A stage is steered by three to five metrics; more steer nothing."""

StageName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_ -]{0,63}$")]
MetricId = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d(\.[a-z0-9_]+)?$")]


class References(BaseModel):
    """When a reference is over-used (H5)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uses_max: int = Field(3, description="An account used so often is not available.", ge=1, le=1_000)
    per: Days = Field(default="90d", validate_default=True, description="Within so long before.")


class SuccessPlans(BaseModel):
    """Which accounts should have a success plan (O2): those with one of the values of every trait named; else all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expected: dict[str, tuple[str, ...]] = Field(
        {}, description="Trait -> values. Empty: every account should have one."
    )

    def expected_of(self, traits: Mapping[str, object]) -> bool:
        """Whether an account of these traits should have one."""
        return all(str(traits.get(name)) in values for name, values in self.expected.items())


class Stage(BaseModel):
    """A stage of the journey."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: Days | None = Field(None, description="Time in which an account should go on to the next stage (O4).")
    moments: tuple[str, ...] = Field((), description="Events that are key moments of the stage.", max_length=10)
    metrics: tuple[MetricId, ...] = Field(
        (), description="The three to five metrics that steer it.", max_length=STAGE_METRICS_MAX
    )

    @property
    def within_days(self) -> int | None:
        """The time allowed, in days."""
        return None if self.within is None else round(self.within / DAY)


def _stages() -> dict[str, Stage]:
    return {
        "onboard": Stage.model_validate(
            {"within": "45d", "moments": ["onboarding_completed"], "metrics": ["A1", "A2", "O4"]}
        ),
        "adopt": Stage.model_validate(
            {"within": "180d", "moments": ["value_milestone"], "metrics": ["A3", "A4", "A6"]}
        ),
        "realize": Stage.model_validate({"moments": ["qbr_completed"], "metrics": ["A5", "O2", "O3"]}),
        "expand": Stage.model_validate({"moments": ["subscription_expanded"], "metrics": ["X1", "X2", "X5"]}),
        "advocate": Stage.model_validate({"moments": ["reference_agreed"], "metrics": ["H4", "H5", "H6"]}),
    }


class Journey(BaseModel):
    """Stages in their order (O5)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: dict[StageName, Stage] = Field(
        default_factory=_stages,
        description="Stage, in lower case -> what is agreed.",
        min_length=1,
        max_length=STAGES_MAX,
    )


class Leading(BaseModel):
    """What foretells retention and expansion (L1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    short_ttv: Days = Field(default="30d", validate_default=True, description="First value within so long is short.")
    roles_min: int = Field(3, description="So many roles in use make an account multi-threaded.", ge=2, le=32)

    @property
    def short_ttv_days(self) -> int:
        """What is short, in days."""
        return round(self.short_ttv / DAY)
