"""A contact of a person with a programme for customers, and all those of an account."""

from bisect import insort
from typing import NamedTuple

from scorecard.fact import NAME_CHARS_MAX
from scorecard.issue import Issue, issue
from scoring.event import Event

TOUCHPOINT = "touchpoint"
"""The event that tells of one."""

TOUCHPOINTS_MAX = 2_048
"""Kept one by one, the newest: years of a very active account. Of older ones their number by programme is kept."""


class Touchpoint(NamedTuple):
    """C1: which programme touched which account and which contact, when."""

    account_id: str
    contact: str | None
    """The person, where one is named."""
    programme: str
    """community, academy, event, office_hours, council, user_group, champion_programme, or as sent."""
    at: float
    """Unix seconds."""
    message_id: str


class Touchpoints:
    """Mutable; owned by its book, which takes each message once.

    >>> touchpoints = Touchpoints()
    >>> touchpoints.take(Touchpoint("acme", "ann", "academy", 100.0, "m-1"))
    100.0
    >>> len(touchpoints.kept)
    1
    """

    __slots__ = ("earlier", "kept")

    def __init__(self, kept: list[Touchpoint] | None = None, earlier: dict[str, int] | None = None) -> None:
        self.kept = kept if kept is not None else []
        """By time."""
        self.earlier = earlier if earlier is not None else {}
        """How many older ones of each programme there were."""

    def forgotten(self, at: float) -> bool:
        """Whether one of that instant may be among those that are only counted: then it is not known here if it was
        taken before, and whoever keeps the rows must say.
        """
        return len(self.kept) == TOUCHPOINTS_MAX and at <= self.kept[0].at

    def take(self, touchpoint: Touchpoint) -> float:
        """Count one more; the earliest instant, unix seconds, of those that are kept now and were not, or the other way
        round.
        """
        insort(self.kept, touchpoint, key=_order)
        if len(self.kept) <= TOUCHPOINTS_MAX:
            return touchpoint.at
        gone = self.kept.pop(0)
        self.earlier[gone.programme] = self.earlier.get(gone.programme, 0) + 1
        return gone.at


def read_touchpoint(event: Event) -> tuple[Touchpoint | None, list[Issue]]:
    """The touchpoint that the event tells of, or what is wrong with it."""
    programme = event.properties.get("kind", event.properties.get("programme"))
    if not isinstance(programme, str) or not 0 < len(programme) <= NAME_CHARS_MAX:
        limit = f"must name the programme in 1 to {NAME_CHARS_MAX} characters"
        return None, [issue(event, "wrong_type", "kind", limit)]
    return Touchpoint(event.account_id, event.user_id, programme.strip(), event.at, event.message_id), []


def _order(touchpoint: Touchpoint) -> tuple[float, str]:
    return touchpoint.at, touchpoint.message_id
