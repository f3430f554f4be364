"""A play, as its file declares it: when it starts, what is to be done, and how calm it is."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.json_schema import SkipJsonSchema

from scoring.document import SCHEMA_DIALECT, Duration

PLAYS_MAX = 100
"""Plays in a playbook: all are looked at in every evaluation of every account, and no team works more kinds of task."""

LIST_MAX = 20
"""Entries of an audience, a kind list or an applies_to list."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=2_000)]
Severity = Literal["info", "warning", "critical"]


class Action(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: tuple[Id, ...] = Field(
        min_length=1,
        max_length=LIST_MAX,
        description="Kinds of action that subscribers route by, most important first.",
        examples=[
            ["in_app_guidance", "cs_outreach"],
            ["executive_outreach"],
            ["expansion_campaign"],
            ["advocacy_ask"],
            ["onboarding_rescue"],
            ["support_escalation"],
            ["renewal_plan"],
        ],
    )
    summary: Text = Field(min_length=1, description="What the owner does, in a sentence or two.")


class AppliesTo(BaseModel):
    """Which accounts a play is for. An empty list is everybody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: tuple[Word, ...] = Field((), max_length=LIST_MAX, description="Journey stages, such as onboard or adopt.")
    segment: tuple[Word, ...] = Field((), max_length=LIST_MAX, description="Values of the trait `segment`.")


class Play(BaseModel):
    """An action and its owner, attached to a condition. Durations in seconds once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: SkipJsonSchema[str] = ""  # the key under `plays`; set when the playbook is made
    version: int = Field(1, ge=1, le=1_000_000, description="Count it up when the play changes: triggers carry it.")
    title: str = Field(min_length=1, max_length=120, description="What people call it.")
    description: Text = Field("", description="Why the play exists, for those who get its triggers.")
    condition: str = Field(
        min_length=1,
        description="CEL over the account's values: opens an episode when it is true. Numbers have a decimal point.",
        examples=["metrics.rhythm >= 3.0 && metrics.silence >= 21.0"],
    )
    clear_when: str | None = Field(
        None,
        min_length=1,
        description="CEL: what counts as recovered. Default: the condition is false. While it is true nothing clears.",
    )
    hold_for: Duration = Field(
        default="0s", validate_default=True, description="How long the condition must be true before the episode opens."
    )
    settle_for: Duration = Field(
        default="0s",
        validate_default=True,
        description="How long it must stay cleared until the episode has recovered.",
    )
    cooldown: Duration = Field(
        default="7d", validate_default=True, description="After an episode: how long no other one may begin."
    )
    expire_after: Duration | None = Field(
        default="90d",
        validate_default=True,
        description="When an open episode closes anyway; the play then rests until its condition has cleared once.",
    )
    severity: Severity = Field("warning", description="How much it matters.")
    audience: tuple[Id, ...] = Field(
        (), max_length=LIST_MAX, description="Teams that get the trigger, such as cs or product."
    )
    owner: Word = Field(description="Who acts: a team or a role.")
    due_in: Duration | None = Field(None, description="Time in which the owner should have acted.")
    action: Action
    reason: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="The trigger's reason, a sentence with {name} or, as a percentage, {name:%}, where numbers go.",
        examples=["Nothing for {metrics.silence} days, {metrics.rhythm} times the usual gap."],
    )
    applies_to: AppliesTo = Field(default_factory=AppliesTo, description="Which accounts the play is for.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.id:
            raise ValueError("`id` can't be set: the key under `plays` is the play's id")
        if self.expire_after == 0:
            raise ValueError("`expire_after` must be longer than 0s; leave it empty (null) for never")
        return self

    def named(self, play_id: str) -> Self:
        """The play under its id."""
        return self.model_copy(update={"id": play_id})

    def applies(self, values: Any) -> bool:
        """Whether it is for an account with these values (`stage`, `segment`)."""
        wanted = self.applies_to
        return (not wanted.stage or values.get("stage") in wanted.stage) and (
            not wanted.segment or values.get("segment") in wanted.segment
        )


class PlaybookFile(BaseModel):
    """A play file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        title="accountpulse plays",
        json_schema_extra={"$schema": SCHEMA_DIALECT},
    )

    version: str = Field(
        min_length=1, max_length=40, description="Version of the playbook, in quotes; triggers carry it."
    )
    plays: dict[Id, Play] = Field(max_length=PLAYS_MAX, description="Plays by id: lower case letters, digits and _.")
