"""All that the scorecard keeps of one account: a hot record, owned by one place."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from scorecard.issue import Issue
from scorecard.movement import Movement, Posting
from scorecard.rates import Rates
from scorecard.touchpoint import Touchpoint
from scoring.event import Event


class Change(NamedTuple):
    """What one event did to a book."""

    postings: Sequence[Posting] = ()
    """To append to the ledger, in this order: reversals first."""
    issues: Sequence[Issue] = ()
    """That arose. Those that an event settled (a late start makes a churn before it good) are in `settled`."""
    settled: Sequence[Issue] = ()
    touched: date | None = None
    """The earliest day whose figures may differ; None: none does."""
    touchpoint: Touchpoint | None = None
    """New to the book."""


NOTHING = Change()
"""A duplicate, or an event that the scorecard does not read."""


class Book:
    """Mutable. `take` events in any order; an event taken twice counts once."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.movements: list[Movement] = []
        """As known now, by day; what is still to come included."""
        self.touchpoints: list[Touchpoint] = []
        """By time."""

    def take(self, event: Event, rates: Rates) -> Change:
        """Count one event; what it changed."""
        raise NotImplementedError

    def revalue(self, rates: Rates, known_at: float) -> Change:
        """Other rates than before: posts anew what they change."""
        raise NotImplementedError

    def trait(self, name: str, on: date) -> str | None:
        """As known of the start of the day, else the first value ever said; None where nothing was."""
        raise NotImplementedError

    def products(self, on: date) -> list[str]:
        """Held when the day starts, by name."""
        raise NotImplementedError

    def pack(self) -> bytes:
        """Everything, compactly; the same book packs to the same bytes."""
        raise NotImplementedError

    @classmethod
    def unpack(cls, account_id: str, packed: bytes) -> "Book":
        raise NotImplementedError
