"""Currency, rates, and what the business has agreed about money."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from scorecard.exposure import Exposing
from scorecard.settings.usage import Days
from scoring.days import DAY

RATE_DIGITS_MAX = 20
"""Digits of a rate: nobody publishes longer ones, and conversions stay exact before they are rounded."""

PROGRAMMES = ("community", "academy", "event", "office_hours", "council", "user_group", "champion_programme")
"""Programmes for customers, as the vocabulary's `touchpoint` names them."""


def exact(value: object) -> object:
    """A number as it is written, digit by digit: 0.1 is one tenth."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(exact), WithJsonSchema({"type": "number"})]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Rate = Annotated[
    Decimal,
    BeforeValidator(exact),
    Field(gt=0, max_digits=RATE_DIGITS_MAX),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]


class Exposure(BaseModel):
    """When a movement counts as touched by customer-led growth (C1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Days = Field(default="90d", validate_default=True, description="A touchpoint counts for so long after it.")
    programmes: tuple[str, ...] = Field(PROGRAMMES, description="Programmes that count, as touchpoints name them.")

    @property
    def window_days(self) -> int:
        """The window, in days."""
        return round(self.window / DAY)

    @property
    def exposing(self) -> Exposing:
        """Which touchpoints count."""
        return Exposing(self.window_days, frozenset(self.programmes))


class Economics(BaseModel):
    """What LTV, CAC and payback are computed with (E1, E2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gross_margin: Annotated[Decimal, BeforeValidator(exact), Field(gt=0, le=1), WithJsonSchema({"type": "number"})] = (
        Field(Decimal("0.75"), description="Share of revenue that is left after the cost of serving it.")
    )
    lifetime_years_max: int = Field(
        5, description="At zero churn an account is taken to stay so long (E1).", ge=1, le=30
    )
