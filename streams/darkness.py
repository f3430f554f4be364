"""Whether a source is dark: then an account's silence is our outage, or the source's, and not the customer's."""

from itertools import pairwise

from scoring.days import day_of
from scoring.event import Event

DARK_DAYS_MIN = 3
"""Days without a single usage event from anybody before the source counts as dark: a long weekend is none."""

DARK_GAPS = 3
"""... and at least so many of the longest gaps that the source itself had in its last RECENT_DAYS days with events."""

RECENT_DAYS = 90
"""Days with events that tell what gaps are usual for the source."""

STREAM = "usage"
"""The stream whose silence counts: every customer's product reports it, and it reports all the time."""


class Darkness:
    """When usage events arrived from anybody, by day."""

    def __init__(self) -> None:
        self._days: list[int] = []  # the newest days with arrivals, ascending
        self._patience = 0  # days without arrivals that are usual; 0 while that is unknown

    def observe(self, event: Event) -> None:
        """Note that an event arrived."""
        if event.stream == STREAM:
            self.arrived(day_of(event.arrived))

    def arrived(self, day: int) -> None:
        """Note that something arrived on this UTC day."""
        if not self._days or day > self._days[-1]:
            days = self._days
            days.append(day)
            del days[:-RECENT_DAYS]
            if len(days) > 1:
                longest = max(after - before for before, after in pairwise(days))
                self._patience = max(DARK_DAYS_MIN, DARK_GAPS * longest)

    def is_dark(self, at: float) -> bool:
        """Whether nothing has arrived for longer than is usual; never before the source has shown what is usual."""
        return self._patience > 0 and day_of(at) - self._days[-1] > self._patience
