"""Parameters that several routes of the read API share, and their errors."""

from typing import Annotated

from fastapi import HTTPException, Query, Request

from scoring.days import instant
from scoring.storable import ALLOWED, is_storable

LIMIT_MAX = 1_000
"""Rows of one answer: some megabytes."""

CURSOR_MAX = 2**63 - 1
"""The largest number of a row."""

INPUT_CHARS_MAX = 80
"""Of what was wrong, in an answer: nobody gets megabytes back."""

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="At most so many rows.")]
Moment = Annotated[
    str | None,
    Query(description="ISO 8601 date or date-time; without a zone it is UTC.", examples=["2026-03-01T00:00:00Z"]),
]


def moment(name: str, value: str | None, default: float) -> float:
    """Unix seconds of a date parameter; HTTP 422 when it is none."""
    if value is None:
        return default
    at = instant(value.replace(" ", "+"))  # "+01:00" without escaping arrives as a blank
    if at is None:
        raise invalid(name, value, "allowed: an ISO 8601 date or date-time")
    return at


def invalid(name: str, value: str, message: str, *, status: int = 422, where: str = "query") -> HTTPException:
    """The error for a parameter that can't be used. where: "query" or "path"."""
    return HTTPException(status, detail=[{"loc": [where, name], "msg": message, "input": value[:INPUT_CHARS_MAX]}])


def storable(request: Request) -> None:
    """HTTP 422 for a parameter, of whatever route, that no database may be asked by; no event holds such a text."""
    for where, given in (("path", request.path_params.items()), ("query", request.query_params.multi_items())):
        for name, value in given:
            if not (is_storable(name) and is_storable(value)):
                raise invalid(name, value, ALLOWED, where=where)
