"""A profile as it is written."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from scoring.document import SCHEMA_DIALECT
from scoring.metrics import AnyMetric
from scoring.scale import Scale
from scoring.selector import Stream

METRICS_MAX = 200
"""Metrics in a profile. Each is read at every evaluation; a score of more than this explains nothing to anybody."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Dimension(BaseModel):
    """A group of metrics with its share of the score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(description="Weight of the dimension in the score.", gt=0, le=1_000)
    metrics: dict[Name, Scale] = Field(description="Scaled metrics by name.", min_length=1)


class When(BaseModel):
    """Which accounts a variant is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: tuple[Annotated[str, StringConstraints(to_lower=True)], ...] = Field(
        (), description="Journey stages, in any case."
    )
    segment: tuple[str, ...] = Field((), description="Values of the trait `segment`.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.stage and not self.segment:
            raise ValueError("names neither `stage` nor `segment`: the profile itself is for everybody else")
        return self

    @property
    def precedence(self) -> int:
        """The lowest wins: who names stage and segment (0), then who names a segment (1), then a stage (2)."""
        return 0 if self.stage and self.segment else 1 if self.segment else 2

    def applies(self, stage: str, segment: str) -> bool:
        """Whether an account of this stage (in lower case) and segment is meant."""
        return (not self.stage or stage in self.stage) and (not self.segment or segment in self.segment)

    def overlaps(self, other: Self) -> bool:
        """Whether there may be accounts that both mean; for two of the same precedence."""
        return (not self.stage or bool({*self.stage} & {*other.stage})) and (
            not self.segment or bool({*self.segment} & {*other.segment})
        )


class Variant(BaseModel):
    """Other dimensions or bands for some accounts. A dimension named here replaces the profile's whole one; weight 0 of
    all its metrics is said by listing it in `without`.

    Precedence, first match wins: variants that name stage and segment, then those that name a segment, then those that
    name a stage, then the profile itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: When
    dimensions: dict[Name, Dimension] = Field({}, description="Dimensions replaced or added.")
    without: tuple[Name, ...] = Field((), description="Dimensions of the profile that are left out.")
    bands: dict[Name, float] = Field({}, description="Bands that replace the profile's.")


class SignsOfLife(BaseModel):
    """What the customer does, as opposed to what we do or book about it: our own call does not end its silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    streams: tuple[Stream, ...] = Field(("usage", "advocacy"), description="Every event of these streams.")
    events: tuple[str, ...] = Field(
        ("nps_answered", "csat_answered", "ticket_opened", "qbr_completed"),
        description="Events of other streams, by name.",
    )

    def __contains__(self, event: tuple[str, str]) -> bool:
        """Whether an event of this (stream, name) is one."""
        return event[0] in self.streams or event[1] in self.events


class ProfileFile(BaseModel):
    """A profile as it is written."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", title="accountpulse profile", json_schema_extra={"$schema": SCHEMA_DIALECT}
    )

    name: Name
    version: str = Field(
        description="Changes whenever the file does; every score names it.", min_length=1, max_length=64
    )
    description: str = Field("", max_length=2_000)
    metrics: dict[Name, AnyMetric] = Field(min_length=1, max_length=METRICS_MAX)
    dimensions: dict[Name, Dimension] = Field(min_length=1)
    bands: dict[Name, float] = Field(
        description="Band by the lowest score that is in it; one band starts at 0.", min_length=2, max_length=10
    )
    hysteresis: float = Field(
        2.0,
        description="Points that a score must fall below its band's floor before the account leaves the band.",
        ge=0,
        le=20,
    )
    signs_of_life: SignsOfLife = Field(default_factory=SignsOfLife, description="What ends an account's silence.")
    stage_events: tuple[str, ...] = Field(
        ("journey_stage_changed",), min_length=1, description="Events whose property `stage` is the stage."
    )
    variants: dict[Name, Variant] = Field({}, description="Other weights for some stages and segments.")
