"""What the read model answers with."""

from collections.abc import Mapping, Sequence
from datetime import date
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
    """A movement with what had touched its entity before it (C1).

    Over the rows of a period, amounts by kind add up to the bars of the waterfall, and `fx` to its fx bar.
    """

    movement: Movement
    """As the waterfall of its entity counts it: of merged accounts together, at the rates of `rates_of`. A change of a
    rate is worth nothing at those of a period."""
    posted: Movement
    """As the ledger has it: of the account by itself, at the rate of its day."""
    rates_of: date
    """Day whose rates count: the one before the period; where none was asked for, that of the movement."""
    entity: str
    """Id of the account that stands for that of the movement."""
    known_at: float
    """Unix seconds."""
    touchpoints: Sequence[Touchpoint]
    """Of the entity, with programmes that count, within the days of exposure before it, by time; empty: it was not
    exposed."""

    @property
    def fx(self) -> int:
        """What the rate of its day makes of it beyond the one that counts, minor units of the reporting currency."""
        return self.posted.cents - self.movement.cents


class Restated(NamedTuple):
    """A figure of a period that was over, and that what came later changed."""

    period: str
    entity: str
    known_at: float
    """When what changed it became known, unix seconds."""
    changes: Mapping[str, tuple[int | str, int | str]]
    """Field of the sheet (where only products have others, `product.<name>.<field>`), what is counted beside it
    (`count.<name>`), or `cohort.<dimension>` -> before and after."""
    message_id: str
    """Of the event that changed it; of several that were taken together, the newest."""
    messages: int
    """How many those are, at most."""


class RestatedPeriod(NamedTuple):
    """What everything that arrived on one day changed of a period that was over."""

    period: str
    on: date
    """Day of arrival."""
    entities: int
    """Whose figures are others."""
    messages: int
    """How many events the restatements name."""
    message_id: str
    """The newest of them."""
    before: Sheet
    """Of everybody: what retention is told from (R1 to R3 but for who is there at the end), and zeros."""
    after: Sheet


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


class IssueCount(NamedTuple):
    """Unsettled issues for one reason."""

    reason: str
    """One of `issue.REASONS`."""
    events: int
    accounts: int


class Taken(NamedTuple):
    """What became of some events."""

    postings: int
    touchpoints: int
    issues: int
