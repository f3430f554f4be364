"""Pages: where the next one begins, as text."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from scorecard.model.rows import Page

LIMIT_MAX = 1_000
"""Rows of a page."""

Row = TypeVar("Row")


class CursorError(ValueError):
    """Not the `next` of a page."""


def page(
    rows: Sequence[Any], limit: int, key: Callable[[Any], Sequence[object]], made: Callable[[Any], Row]
) -> Page[Row]:
    """A page of rows that were read with one more than `limit`; key: what the next page begins after."""
    more = json.dumps(list(key(rows[limit - 1]))) if len(rows) > limit else None
    return Page([made(row) for row in rows[:limit]], more)


def cursor(after: str | None, count: int) -> tuple[int, ...] | None:
    """The parts of a page's `next`, `count` numbers; None where there was no page before. CursorError.

    >>> cursor('[20089, 4]', 2)
    (20089, 4)
    """
    if after is None:
        return None
    try:
        parts = _numbers(after)
    except msgspec.MsgspecError:
        parts = ()
    if len(parts) != count:
        raise CursorError(f"after: {after[:80]!r} is not the `next` of a page")
    return parts


def limited(limit: int) -> int:
    """The limit itself; ValueError where it is none."""
    if not 1 <= limit <= LIMIT_MAX:
        raise ValueError(f"limit: {limit}; allowed: 1 to {LIMIT_MAX}")
    return limit


_numbers = msgspec.json.Decoder(tuple[Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)], ...]).decode
