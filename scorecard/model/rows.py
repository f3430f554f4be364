"""What the read model answers with."""

from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from scorecard.movement import Movement
from scorecard.sheet import Sheet
from scorecard.touchpoint import Touchpoint

Row = TypeVar("Row")

Cohort = tuple[str, ...]
"""A value for each dimension that was asked for, in that order; empty for everybody."""


class Page(NamedTuple, Generic[Row]):
    """Some rows, and where the next ones begin; None after the last."""

    rows: list[Row]
    next: str | None


class Member(NamedTuple):
    """An entity in a period."""

    entity: str
    """Id of the account that stands for it."""
    cohort: Mapping[str, str]
    """Its value of every dimension that is kept."""
    sheet: Sheet


class Moved(NamedTuple):
    """A movement with what had touched the account before it (C1)."""

    movement: Movement
    entity: str
    """Id of the account that stands for that of the movement."""
    known_at: float
    """Unix seconds."""
    touchpoints: Sequence[Touchpoint]
    """Of the account, within the days of exposure before it, by time; empty: it was not exposed."""


class Restated(NamedTuple):
    """A figure of a period that was over, and that what came later changed."""

    period: str
    entity: str
    known_at: float
    """When what changed it became known, unix seconds."""
    changes: Mapping[str, tuple[int, int]]
    """Field of the sheet -> before and after."""


class Itemised(NamedTuple):
    """An issue as it is kept."""

    account_id: str
    message_id: str
    reason: str
    field: str
    value: str
    message: str
    known_at: float
    settled_at: float | None
    """When something that arrived later put it right; None: it has not."""


class Taken(NamedTuple):
    """What became of some events."""

    postings: int
    touchpoints: int
    issues: int
