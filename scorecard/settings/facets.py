"""The part of `scorecard.yaml` that says what is counted of adoption, sentiment and care."""

from pydantic import BaseModel, ConfigDict, Field

from scorecard.settings.operations import Journey, Leading, References, SuccessPlans
from scorecard.settings.usage import Activation, Beginning, HealthyUsage


class FacetSettings(BaseModel):
    """Agreements on adoption (A), sentiment and advocacy (H), operations (O) and leading indicators (L)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beginning: Beginning = Field(default_factory=Beginning, description="Start and first value (A1).")
    activation: Activation = Field(default_factory=Activation, description="What activated means (A2).")
    healthy_usage: HealthyUsage = Field(default_factory=HealthyUsage, description="How people should use it (A6).")
    references: References = Field(default_factory=References, description="How often an account may be used (H5).")
    success_plans: SuccessPlans = Field(default_factory=SuccessPlans, description="Who should have one (O2).")
    journey: Journey = Field(default_factory=Journey, description="Stages and their times (O4, O5).")
    leading: Leading = Field(default_factory=Leading, description="What foretells (L1).")
