"""What counts as started, activated, and used as it should be."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scoring.days import DAY
from scoring.document import Duration
from scoring.selector import Selector

CONDITIONS_MAX = 12
"""Conditions of activation: each keeps an instant of every account."""

WINDOW_DAYS_MAX = 365


def whole_days(seconds: float) -> float:
    """The duration itself; ValueError unless it is whole days, from one day to a year."""
    days = seconds / DAY
    if days != int(days) or not 1 <= days <= WINDOW_DAYS_MAX:
        raise ValueError(f"must be whole days from 1d to {WINDOW_DAYS_MAX}d")
    return seconds


Days = Annotated[Duration, AfterValidator(whole_days)]


class Beginning(BaseModel):
    """When an account starts, and when it first got what it bought the product for (A1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: tuple[str, ...] = Field(
        ("account_created", "onboarding_started", "subscription_started"),
        description="Events that mark the start, where the trait start_date is not sent; the first of them counts.",
        min_length=1,
    )
    value: tuple[str, ...] = Field(("value_milestone",), description="Events that are first value.", min_length=1)


class Activation(BaseModel):
    """When an account is activated (A2): everything in `all_of` has happened at least once, in time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: Days = Field(default="30d", validate_default=True, description="Time allowed, from the start.")
    all_of: tuple[Selector, ...] = Field(
        (Selector(events=("value_milestone",)),),
        description="Events of which each must have happened.",
        min_length=1,
        max_length=CONDITIONS_MAX,
    )

    @property
    def within_days(self) -> int:
        """The time allowed, in days."""
        return round(self.within / DAY)


class HealthyUsage(BaseModel):
    """Which people use the product as they should (A6): on at least `days` days of the last `window`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: int = Field(4, description="Active days that make a person's usage healthy.", ge=1, le=WINDOW_DAYS_MAX)
    window: Days = Field(default="28d", validate_default=True, description="Over so many days.")

    @property
    def window_days(self) -> int:
        """The window, in days."""
        return round(self.window / DAY)
