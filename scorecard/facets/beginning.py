"""When an account started, when it first got value, and when it was activated: A1 and A2."""

from collections.abc import Iterator
from typing import Any

from scorecard.facets.window import Window
from scorecard.settings.usage import Activation, Beginning
from scoring.days import day_of, instant
from scoring.event import Event
from scoring.selector import Selector

NEVER = float("inf")


class Milestones:
    """Which events an account's beginning is told by; shared by all accounts."""

    def __init__(self, beginning: Beginning, activation: Activation) -> None:
        self.start = frozenset(beginning.start)
        self.value = frozenset(beginning.value)
        self.within_days = activation.within_days
        self.conditions = [(selector, selector.by_properties()) for selector in activation.all_of]
        self.names = self.start | self.value | {name for one in activation.all_of for name in one.events}
        self.streams = frozenset(one.stream for one in activation.all_of if one.stream and not one.events)


class Begun:
    """State of one account; changed in place by whoever holds it. Only the earliest of each counts, in any order."""

    __slots__ = ("declared", "heard", "met", "said", "started", "value")

    def __init__(self, conditions: int) -> None:
        self.said = (-NEVER, "")
        """Which statement of the trait start_date holds: the newest (its time, its message)."""
        self.declared = NEVER
        self.heard = NEVER
        """The earliest instant of anything that was ever told of the account."""
        self.started = NEVER
        self.value = NEVER
        self.met = [NEVER] * conditions
        """The first time of each condition of activation."""

    @property
    def start(self) -> float:
        """Trait start_date, else the first start event, unix seconds; NEVER where neither is known."""
        return self.declared if self.declared < NEVER else self.started

    def describe(self, event: Event) -> None:
        """Take the account's traits."""
        declared = instant(event.properties.get("start_date"))
        said = event.at, event.message_id
        if declared is not None and said > self.said:
            self.said, self.declared = said, declared

    def take(self, event: Event, milestones: Milestones) -> None:
        """Take an event that may be one of the milestones."""
        at, name = event.at, event.name
        if name in milestones.start:
            self.started = min(self.started, at)
        if name in milestones.value:
            self.value = min(self.value, at)
        for index, (selector, matches) in enumerate(milestones.conditions):
            if at < self.met[index] and _meant(selector, event) and (matches is None or matches(event)):
                self.met[index] = at

    def _told(self, days: int) -> bool:
        """Whether the start is known, and anything was heard in the days after it: of an account that is older than
        what was ever sent of it, nobody knows when it first got value.
        """
        return self.start < NEVER and day_of(self.heard) <= day_of(self.start) + days

    def count(self, window: Window, milestones: Milestones) -> Iterator[tuple[str, int]]:
        """What adds up over accounts.

        `ttfv_reached/<days>` and `ttfv_waiting/<days>` of the accounts that started in the window: whole days to first
        value, or without it until the window closes. `activation/due`: those whose time for it ended in the window.
        """
        if not self._told(milestones.within_days):
            yield "beginning/untold", 1
            return
        began = day_of(self.start)
        if window.first <= began < window.until:
            reached = self.value < window.closes
            days = (day_of(self.value) if reached else window.until) - began
            yield f"{'ttfv_reached' if reached else 'ttfv_waiting'}/{max(0, days)}", 1
        ends = began + milestones.within_days
        if window.first <= ends < window.until:
            yield "activation/due", 1
            if max(self.met) < NEVER and day_of(max(self.met)) <= ends:
                yield "activation/met", 1

    def quick(self, window: Window, days: int) -> bool | None:
        """Whether first value came within so many days; None while they run, and where nobody knows."""
        if not self._told(days) or day_of(self.start) + days >= window.until:
            return None
        return self.value < NEVER and day_of(self.value) - day_of(self.start) <= days

    def pack(self) -> Any:
        """Plain data (infinities among it: msgpack knows them); `unpack` makes the same state of it."""
        return (*self.said, self.declared, self.started, self.heard, self.value, *self.met)

    @classmethod
    def unpack(cls, packed: Any) -> "Begun":
        """The state that `pack` was given."""
        at, message, begun_at, started, heard, value, *met = packed
        begun = cls(len(met))
        begun.said, begun.declared, begun.started = (at, message), begun_at, started
        begun.heard, begun.value, begun.met = heard, value, met
        return begun


def _meant(selector: Selector, event: Event) -> bool:
    return selector.by_name(event.stream, event.name)
