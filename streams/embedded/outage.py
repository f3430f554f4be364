"""When silence means nothing: the sources are dark, or we were."""

import json
from collections.abc import Iterable

from scoring.days import day_of
from scoring.event import Event
from streams.darkness import RECENT_DAYS, STREAM, Darkness
from streams.embedded.meta import ALIVE_AT, SOURCE_DAYS, Meta
from streams.embedded.settings import Settings
from streams.replay import RETURN_GRACE_S


class Outage:
    """Says whether plays are to be held, and remembers across restarts what it says that by."""

    def __init__(self, meta: Meta, settings: Settings, now: float) -> None:
        self._meta = meta
        self._sources = Darkness()
        self._days: list[int] = json.loads(meta.get(SOURCE_DAYS) or "[]")
        for day in self._days:
            self._sources.arrived(day)
        alive_at = meta.number(ALIVE_AT)
        self.down_s = max(0.0, now - alive_at) if alive_at else 0.0
        """How long the service was not running before this start."""
        self._held_until = now + min(self.down_s, settings.hold_s_max) if self.down_s > settings.outage_s else 0.0

    def observe(self, events: Iterable[Event], now: float) -> None:
        """Note arrivals, within the transaction that stores them."""
        day = max((day_of(event.arrived) for event in events if event.stream == STREAM), default=0)
        if not day or (self._days and day <= self._days[-1]):
            return
        if self._sources.is_dark(now):
            self._held_until = max(self._held_until, now + RETURN_GRACE_S)
        self._sources.arrived(day)
        self._days = [*self._days, day][-RECENT_DAYS:]
        self._meta.set(SOURCE_DAYS, json.dumps(self._days))

    def holds(self, now: float) -> bool:
        """Whether no play may open, nor an episode recover, by silence."""
        return now < self._held_until or self._sources.is_dark(now)

    def alive(self, now: float) -> None:
        """Note that the service runs, within a transaction."""
        self._meta.set(ALIVE_AT, now)
