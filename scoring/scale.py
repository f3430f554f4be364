"""From a metric's own unit to 0..100."""

from math import log1p
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SLOPE_MIN = 1e-9
"""What is nearer together than that is one value to a floating-point number of business size."""


class Scale(BaseModel):
    """How a metric counts in its dimension: linear between `zero_at` (0) and `full_at` (100), flat outside.

    `curve: log` is linear in log(1 + value): the step from 1 user to 3 weighs as much as the one from 3 to 7. A metric
    that is better when it is lower has `zero_at` above `full_at`. To hold an account against its own seasonal baseline
    scale a metric of kind `trend` or `deviation`; against its segment, one of kind `rank`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(description="Weight within the dimension.", gt=0, le=1_000)
    zero_at: float = Field(description="Value that scores 0.", ge=-1e12, le=1e12)
    full_at: float = Field(description="Value that scores 100.", ge=-1e12, le=1e12)
    curve: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _sloped(self) -> "Scale":
        if self.zero_at == self.full_at:
            raise ValueError(f"zero_at and full_at are both {self.zero_at:g}: a scale needs two different values")
        if self.curve == "log" and min(self.zero_at, self.full_at) < 0:
            raise ValueError("curve log needs zero_at and full_at of at least 0")
        zero, full = (log1p(self.zero_at), log1p(self.full_at)) if self.curve == "log" else (self.zero_at, self.full_at)
        if abs(full - zero) < SLOPE_MIN:
            raise ValueError(
                "zero_at and full_at are too close together: "
                f"at least {SLOPE_MIN:g} apart, on a log curve in log(1 + value)"
            )
        return self

    @property
    def line(self) -> tuple[float, float, bool]:
        """(zero, slope, log): scaled = (value - zero) * slope, of log(1 + value) where log is set, cut to 0..100."""
        if self.curve == "log":
            zero = log1p(self.zero_at)
            return zero, 100.0 / (log1p(self.full_at) - zero), True
        return self.zero_at, 100.0 / (self.full_at - self.zero_at), False


def scaled(value: float, zero: float, slope: float, log: bool) -> float:
    """A value on a scale's `line`, 0..100.

    >>> scaled(3.0, *Scale(weight=1, zero_at=0, full_at=4).line)
    75.0
    """
    if log:
        value = log1p(value) if value > 0.0 else 0.0
    points = (value - zero) * slope
    return 0.0 if points < 0.0 else 100.0 if points > 100.0 else points  # noqa: FURB136 - min() costs a call, for every metric of every score
