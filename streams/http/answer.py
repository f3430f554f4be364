"""What answers of the scorecard look like, for the API's documents: what is sent does not pass through these models,
and a test holds real answers against them.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

Number = int | float


class Answer(BaseModel):
    """An object of an answer; what it does not name is not in it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Page(Answer):
    """A part of a list."""

    next: str | None
    """`after` of the page that follows; null: this is the last one."""


class FigureAnswer(Answer):
    """A figure with what it is made of; amounts in major units."""

    id: str
    """Of the catalogue: R3, A1.p75."""
    value: Number | None
    """null: `reason` says why."""
    reason: str | None
    """Why there is no value."""
    unit: str
    """Of the value: share, ratio, days, accounts, ...; of money the reporting currency."""
    numerator: Number | None
    """null where it is no quotient or sum; the catalogue says why (`no_parts`)."""
    denominator: Number | None
    """null where it is no quotient."""
    n: int
    """Accounts (or movements, persons, quarters: the metric says) that it rests on."""
    low: Number | None
    """Lower end of the 95 % interval, of an estimate; null otherwise."""
    high: Number | None
    """Its upper end."""


class IssueCountAnswer(Answer):
    """Events that could not be counted as they are, for one reason."""

    reason: str
    """See the reference."""
    events: int
    """How many."""
    accounts: int
    """Of how many accounts."""
    says: str
    """What is done about them."""


class Problem(Answer):
    """What is wrong with a parameter, or with a part of the body."""

    loc: list[str | int]
    """Where: `query` and the parameter, or `body` and the place in it."""
    msg: str
    """What is wrong, and what is allowed."""
    input: str | None = None
    """The beginning of what was sent."""
    type: str | None = None
    """A code of the kind of problem, where the form was wrong."""
    ctx: dict[str, Any] | None = None
    """The limits that were broken, where the form was wrong."""


class Refused(Answer):
    """An error with what is wrong of each parameter."""

    detail: list[Problem]
    """At least one."""


class Said(Answer):
    """An error in words."""

    detail: str
    """What to do."""


RETRY = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds after which to ask again."},
}


def answers(model: type[Answer], *, bad: bool = False) -> dict[int | str, dict[str, Any]]:
    """The answers of a route of the scorecard, by status. bad: it also answers 400."""
    refused = {"model": Refused, "description": "A parameter, or the body, that can't be used."}
    return {
        200: {"model": model, "description": "What was asked for."},
        **({400: {**refused, "description": "A text that has not the form asked for."}} if bad else {}),
        401: {"model": Said, "description": "Without the read token, where one is set."},
        422: refused,
        503: {
            "model": Said, "headers": RETRY,
            "description": "The scorecard can't be read now, or what was asked for is being computed.",
        },
    }  # fmt: skip
