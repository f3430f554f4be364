"""What the tools around the product say of one account, dated ahead: tickets, surveys, subscriptions, traits."""

from collections import defaultdict
from random import Random
from typing import Any, NamedTuple

from streams.simulate.account import AccountPlan, Person
from streams.simulate.messages import DAY_MS, HOUR_MS, MINUTE_MS, Sender, Sent, stamp

BACKFILL_DAYS = 390
"""What happened earlier than this is not imported: a record keeps 400 days."""

WORKDAY_HOURS = (8.0, 17.0)
"""Local time in which people write, answer and meet."""


class Entry(NamedTuple):
    """One message to come; instants in milliseconds."""

    at: int
    arrived: int
    call: str
    """`track`, `group` or `identify`."""
    event: str
    user: str | None
    said: dict[str, Any]


class Diary:
    """The entries of one account by the day of their arrival.

    What happened before the history's first day is imported on it, as it is when a tool is connected. What the customer
    would do while nobody is at work there, or after it is gone, does not happen.
    """

    def __init__(self, plan: AccountPlan, rng: Random, first_ms: int, days: int, utc_offset: int) -> None:
        self.plan = plan
        self._rng = rng
        self._first_ms = first_ms
        self._days = days
        self._utc_offset = utc_offset
        self._entries: dict[int, list[Entry]] = defaultdict(list)

    def date(self, day: float) -> str:
        """The instant `day` days into the history as text, for properties such as `due_at`."""
        return stamp(self._first_ms + round(day * DAY_MS))

    def note(self, day: float, event: str, by: Person | None = None, /, *, ours: bool = False, **said: Any) -> bool:
        """A track call on that day, at an hour of work (or at the instant, when `day` has a fraction).

        `ours` says that it happens whatever the customer does: our own calls, dates and invoices. Whether it happens.
        """
        if not ours and not self._can_act(day):
            return False
        self._put(day, "track", event, None if by is None else by.id, said)
        return True

    def describe(self, day: float, traits: dict[str, Any]) -> None:
        """A group call."""
        self._put(day, "group", "", None, traits)

    def introduce(self, day: float, person: Person, traits: dict[str, Any]) -> None:
        """An identify call."""
        self._put(day, "identify", "", person.id, traits)

    def messages(self, day: int, sender: Sender) -> list[Sent]:
        """The messages that arrive on that day of the history."""
        sent = []
        for entry in self._entries.pop(day, ()):
            message_id = sender.next_id()
            if entry.call == "group":
                line = sender.group(message_id, entry.at, entry.arrived, entry.said)
            elif entry.call == "identify":
                line = sender.identify(message_id, entry.user or "", entry.at, entry.arrived, entry.said)
            else:
                line = sender.track(message_id, entry.event, entry.user, entry.at, entry.arrived, entry.said)
            sent.append(Sent(entry.arrived, line))
        return sent

    def _can_act(self, day: float) -> bool:
        first, past = self.plan.quiet
        return day < self.plan.gone and not first <= day < past

    def _put(self, day: float, call: str, event: str, user: str | None, said: dict[str, Any]) -> None:
        if not -BACKFILL_DAYS <= day < self._days:
            return
        hour = 0.0 if day != int(day) else self._rng.uniform(*WORKDAY_HOURS) - self._utc_offset
        at = self._first_ms + round(day * DAY_MS + hour * HOUR_MS)
        if day < 0:  # imported in the first hours of the first day
            arrived = self._first_ms + self._rng.randrange(10 * MINUTE_MS, 3 * HOUR_MS)
        else:
            arrived = at + self._rng.randrange(1_000, 5 * MINUTE_MS)
        self._entries[(arrived - self._first_ms) // DAY_MS].append(Entry(at, arrived, call, event, user, said))
