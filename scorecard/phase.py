"""The phases of a subscription, and what may happen in each."""

from enum import IntEnum
from typing import NamedTuple

from scorecard.fact import CHURNED, CONTRACTED, EXPANDED, REACTIVATED, RENEWED, STARTED


class Phase(IntEnum):
    """Where a subscription is."""

    UNBORN = 0
    RUNNING = 1
    ENDED = 2


COUNTED: dict[tuple[Phase, int], tuple[Phase, str]] = {
    (Phase.UNBORN, STARTED): (Phase.RUNNING, ""),
    (Phase.UNBORN, REACTIVATED): (Phase.RUNNING, "not_started"),
    (Phase.UNBORN, RENEWED): (Phase.RUNNING, "not_started"),
    (Phase.UNBORN, EXPANDED): (Phase.RUNNING, "not_started"),
    (Phase.UNBORN, CONTRACTED): (Phase.RUNNING, "not_started"),
    (Phase.RUNNING, STARTED): (Phase.RUNNING, "overlapping_terms"),
    (Phase.RUNNING, REACTIVATED): (Phase.RUNNING, ""),
    (Phase.RUNNING, RENEWED): (Phase.RUNNING, ""),
    (Phase.RUNNING, EXPANDED): (Phase.RUNNING, ""),
    (Phase.RUNNING, CONTRACTED): (Phase.RUNNING, ""),
    (Phase.RUNNING, CHURNED): (Phase.ENDED, ""),
    (Phase.ENDED, STARTED): (Phase.RUNNING, ""),
    (Phase.ENDED, REACTIVATED): (Phase.RUNNING, ""),
    (Phase.ENDED, RENEWED): (Phase.RUNNING, ""),
}
"""(phase, event): the phase afterwards, and the issue's reason, if it is one."""

REFUSED: dict[tuple[Phase, int], str] = {
    (Phase.UNBORN, CHURNED): "churn_before_start",
    (Phase.ENDED, CHURNED): "double_churn",
    (Phase.ENDED, EXPANDED): "after_end",
    (Phase.ENDED, CONTRACTED): "after_end",
}
"""What changes nothing, and the issue's reason."""

RESUMING = frozenset({STARTED, RENEWED, REACTIVATED})
"""What takes back an end that was announced and has not come."""


class State(NamedTuple):
    """Of a subscription after the facts so far."""

    phase: Phase = Phase.UNBORN
    day: int = 0
    """Of the last fact, by the day from which it holds."""
    since: int = 0
    """Day on which the running one started."""
    product: str = ""
    currency: str = ""
    native: int = 0
    """Of an ended one the last, at which a renewal without an amount resumes."""
    term: int | None = None
    """The first day that is not paid for, as last said."""
    renewed: bool = False
    """The term was set by a renewal."""

    @property
    def brings(self) -> int:
        """Recurring revenue, minor units of `currency`."""
        return self.native if self.phase is Phase.RUNNING else 0


UNBORN = State()
