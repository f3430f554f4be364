"""The read model as one: events in, with how far they were read; figures, movements and accounts out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scorecard.model.database import Database
from scorecard.model.rows import Cohort, Itemised, Member, Moved, Page, Restated, Taken
from scorecard.model.terms import Terms
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.sheet import Sheet
from scoring.event import Event

PAGE = 100


class Model:
    """One process may take events; any number may ask. Raises DatabaseError where the database is away.

    A period's figures are computed when they are first asked for (seconds), and from then on kept: each event changes
    those that it touches, and asking takes milliseconds.
    """

    def __init__(self, database: Database, terms: Terms) -> None:
        """Makes the tables where there are none; SchemaError where they are of another version."""

    def positions(self) -> dict[str, int]:
        """How far each source was read: the first position that was not taken."""
        raise NotImplementedError

    def take(self, events: Sequence[Event], positions: Mapping[str, int]) -> Taken:
        """Events of any accounts, and how far they take their sources: all of it becomes true at once, or nothing does.
        What was taken before changes nothing.
        """
        raise NotImplementedError

    def settle(self) -> int:
        """Bring kept figures up to date with some of what was taken; how many entities are still to be done."""
        raise NotImplementedError

    def sheet(self, period: Period, by: Sequence[str] = (), known_at: float | None = None) -> dict[Cohort, Sheet]:
        """The sheet of each cohort of the dimensions `by`; of everybody under the key () when there are none.

        With "product" among the dimensions money is split by product (counts are then of an entity's products, and its
        money adds up to the whole); "product_mix" puts whole entities by what they held at the start: "A+B".
        known_at: as it was known at that instant (unix seconds), cohorts and families as they are known now.
        ValueError for a dimension that is not kept.
        """
        raise NotImplementedError

    def series(self, periods: Sequence[Period], by: Sequence[str] = ()) -> list[dict[Cohort, Sheet]]:
        """The same for several periods, from one moment of the read model."""
        raise NotImplementedError

    def accounts(
        self, period: Period, cohort: Mapping[str, str], *, after: str | None = None, limit: int = PAGE
    ) -> Page[Member]:
        """The entities of a cohort (value by dimension), by id. `after`: the `next` of the page before."""
        raise NotImplementedError

    def movements(
        self, period: Period | None = None, *, account_id: str | None = None, kinds: Sequence[Kind] = (),
        known_at: float | None = None, after: str | None = None, limit: int = PAGE,
    ) -> Page[Moved]:  # fmt: skip
        """Movements by day, each with its exposure; those of an account's entity where one is named."""
        raise NotImplementedError

    def units(self, period: Period) -> Iterator[Any]:
        """Every entity active at the period's start, with its exposure before it: the rows of the lift analysis."""
        raise NotImplementedError

    def restatements(
        self, period: Period | None = None, *, after: str | None = None, limit: int = PAGE
    ) -> Page[Restated]:
        """What late data changed of periods that were over, newest first."""
        raise NotImplementedError

    def issues(
        self, *, account_id: str | None = None, reason: str | None = None, settled: bool = False,
        after: str | None = None, limit: int = PAGE,
    ) -> Page[Itemised]:  # fmt: skip
        """What was wrong with events, newest first; `settled`: also what was put right since."""
        raise NotImplementedError

    def newest(self) -> float:
        """Arrival of the newest event that was taken, unix seconds; 0 before the first."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the database."""
        raise NotImplementedError
