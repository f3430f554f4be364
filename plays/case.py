"""Test files for plays: a series of events, or of values, and the triggers that they should bring about.

A case with `events` goes through the whole engine, which the caller hands in; a case with `values` tests conditions and
episodes alone. As with `promtool test rules`, a case is data, and what is not expected must not happen.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from plays.play import Id
from scoring.days import instant
from scoring.document import DURATION_PATTERN, SCHEMA_DIALECT, Document, Duration, parse_duration, read

CASES_MAX = 1_000
"""Cases in a file; more are easier to find in several files."""

ROWS_MAX = 10_000
"""Rows of a case, and repetitions of a row: a case that needs more is a back-test, which `accountpulse replay` does."""


def _moment(value: str) -> str:
    if instant(value) is None:
        try:
            parse_duration(value)
        except ValueError:
            message = 'write a time after the start, such as "34d", or an instant, such as "2024-02-04T00:00:00Z"'
            raise ValueError(message) from None
    return value


Moment = Annotated[
    str,
    AfterValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": DURATION_PATTERN}, {"type": "string", "format": "date-time"}]},
    ),
]
"""A time after the case's start ("34d"), or an ISO 8601 instant."""

Said = Literal["play_acknowledged", "play_done", "play_dismissed"]


class Row(BaseModel):
    """What every row of a series has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Moment = Field(description="When: time after the case's start, or an instant.")


class EventRow(Row):
    """One message of the Segment spec, or several alike: give `event`, `group`, `identify` or `message`."""

    event: str | None = Field(None, max_length=256, description="A track call: the event's name.")
    properties: dict[str, Any] = Field({}, description="The track call's properties.")
    group: dict[str, Any] | None = Field(None, description="A group call: the account's traits.")
    identify: dict[str, Any] | None = Field(None, description="An identify call: the user's traits.")
    message: dict[str, Any] | None = Field(
        None, description="A whole message; `timestamp` and `receivedAt` are filled in."
    )
    user: str | None = Field(None, max_length=256, description="The user's id. Default: no user.")
    account: str | None = Field(None, max_length=256, description="Default: the case's account.")
    late: Duration = Field(
        default="0s", validate_default=True, description="How much later than it happened it arrives."
    )
    every: Duration | None = Field(None, description="With `times`: repeat it so often.")
    times: int = Field(1, ge=1, le=ROWS_MAX, description="How many messages the row stands for.")

    @model_validator(mode="after")
    def _one_call(self) -> Self:
        given = [name for name in ("event", "group", "identify", "message") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give one of `event`, `group`, `identify` and `message`, not {' and '.join(given) or 'none'}"
            )
        if self.properties and self.event is None:
            raise ValueError("`properties` go with `event`")
        if (self.every is None) != (self.times == 1):
            raise ValueError("`every` and `times` go together")
        return self


class ValueRow(Row):
    """What changes at an instant, for a case that leaves the engine out."""

    set: dict[str, float | bool | str | None] = Field(
        {}, description="Values from now on, by name; null: missing. The others stay as they are."
    )
    drift: dict[str, float] = Field({}, description="Change per day from now on, by name: silence grows by 1.0.")
    traits: dict[str, Any] | None = Field(None, description="All traits from now on.")
    dark: bool | None = Field(None, description="Whether the sources are dark from now on.")
    say: Said | None = Field(None, description="What people say of a play.")
    play: Id | None = Field(None, description="With `say`: of which play.")
    feedback: Literal["useful", "false_alarm"] | None = Field(None, description="With `say`: what they thought of it.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.say is None) != (self.play is None):
            raise ValueError("`say` and `play` go together")
        if self.feedback is not None and self.say is None:
            raise ValueError("`feedback` goes with `say`")
        return self


class Expectation(Row):
    """A trigger that must be made."""

    play: Id = Field(description="The play's id.")
    within: Duration = Field(
        default="1d", validate_default=True, description="How far from `at` it may be, either way."
    )
    account: str | None = Field(None, max_length=256, description="Default: the case's account.")


class Case(BaseModel):
    """A series, and all triggers that it must make."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="What the case shows, as a sentence.")
    account: str = Field("account", min_length=1, max_length=256, description="The id of the account.")
    start: str = Field("2024-01-01T00:00:00Z", description="The instant that times after the start count from.")
    events: tuple[EventRow, ...] = Field((), max_length=ROWS_MAX, description="Messages, through the whole engine.")
    values: tuple[ValueRow, ...] = Field(
        (), max_length=ROWS_MAX, description="Values, through conditions and episodes alone."
    )
    until: Moment = Field(description="When the case ends: time goes on after the last row.")
    only: tuple[Id, ...] = Field(
        (), description="The plays that the case is about; triggers of others are not looked at."
    )
    expect: tuple[Expectation, ...] = Field((), description="All triggers; with an empty list there must be none.")

    @model_validator(mode="after")
    def _one_series(self) -> Self:
        if instant(self.start) is None:
            raise ValueError('`start` must be an instant, such as "2024-01-01T00:00:00Z"')
        if bool(self.events) == bool(self.values):
            raise ValueError("give either `events` or `values`")
        rows = [self.seconds(row.at) for row in (*self.events, *self.values)]
        if self.seconds(self.until) < max(rows):
            raise ValueError("`until` is before the last row")
        if self.values and rows != sorted(rows):
            raise ValueError("the rows of `values` must be in the order of time")
        return self

    def seconds(self, moment: str) -> float:
        """Unix seconds of one of the case's moments."""
        at = instant(moment)
        if at is not None:
            return at
        start = instant(self.start)
        assert start is not None  # checked above
        return start + parse_duration(moment)


class CaseFile(BaseModel):
    """A test file for plays."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        title="accountpulse tests of plays",
        json_schema_extra={"$schema": SCHEMA_DIALECT},
    )

    profile: str | None = Field(None, description="The profile's file, next to this one. Default: as the command says.")
    plays: str | None = Field(None, description="The play file, next to this one. Default: as the command says.")
    cases: tuple[Case, ...] = Field(min_length=1, max_length=CASES_MAX)


def load_cases(text: str, *, file: str) -> Document[CaseFile]:
    """The test file of a YAML text. DocumentError holds every problem."""
    return read(text, file=file, model=CaseFile)
