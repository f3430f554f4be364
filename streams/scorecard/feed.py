"""Feeds a read model: from where it stands in its sources, to their end, and on as they grow."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from scorecard.model.database import NotStorable, Unavailable
from scorecard.model.passed import Passed
from scoring.event import Event
from streams.scorecard.passing import passed_over
from streams.scorecard.stretch import Origin, Place, Stretch

ERRORS_MAX = 100
"""Events in a row on which the core itself may fail before the feed stops: odd ones are passed over, a broken program
is not run on. Of what the database can't hold there may be any number."""

logger = logging.getLogger(__name__)


class Taker(Protocol):
    """A read model, or a part of one that stands at positions of its own."""

    def positions(self) -> dict[str, int]:
        """How far each source was read."""

    def take(self, events: Sequence[Event], positions: Mapping[str, int], over: Sequence[Passed]) -> object:
        """Events, how far they take their sources, and which before them were passed over: all at once, or nothing."""


class Feed:
    """One thread at a time."""

    def __init__(self, taker: Taker, origin: Origin, idle: Callable[[], int]) -> None:
        """idle: what else the taker has to do when all was taken; how much of that is left. OriginError where the read
        model was made from something else.
        """
        self._taker, self._origin, self._idle = taker, origin, idle
        self._positions = taker.positions()
        self._over: list[Passed] = []
        """Events that could not be taken, until the next ones are."""
        self._errors = 0
        self.behind = 1
        """Messages of the sources that are known and were not taken; one when all were, until what is then to do
        has been done once: before that, sums are those of half a history. Not known before the first round: something.
        """
        origin.check(self._positions)

    def round(self) -> bool:
        """Take the next stretch; whether there is more to do at once. Raises Unavailable with nothing of it done."""
        stretch = self._origin.read(self._positions)
        if stretch.positions:
            self._take(stretch)
        self.behind = stretch.behind or min(self.behind, 1)
        if stretch.behind:
            return True
        left = self._idle()
        self.behind = 0
        return left > 0

    def _take(self, stretch: Stretch) -> None:
        self._over.clear()
        try:
            self._put(stretch.events, stretch.positions)
        except Unavailable:
            raise
        except Exception as error:
            if not isinstance(error, NotStorable):
                logger.exception("the scorecard failed on one of %d events; looking for it", len(stretch.events))
            self._take_parts(stretch.events, stretch.places)
            self._put([], stretch.positions)

    def _take_parts(self, events: Sequence[Event], places: Sequence[Place]) -> None:
        """By halves of what can't be taken, until it is a single event: that one is passed over."""
        if len(events) > 1:
            half = len(events) // 2
            for part in (slice(0, half), slice(half, None)):
                self._take_part(events[part], places[part])
        elif events:
            self._take_part(events, places)

    def _take_part(self, events: Sequence[Event], places: Sequence[Place]) -> None:
        try:
            self._put(events, dict(places))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged, and becomes an issue
            if len(events) > 1:
                self._take_parts(events, places)
            else:
                self._pass_over(events[0], error)

    def _put(self, events: Sequence[Event], positions: Mapping[str, int]) -> None:
        """All at once, with what was passed over before them."""
        self._taker.take(events, positions, self._over)
        self._over.clear()
        self._positions |= positions
        if events:
            self._errors = 0

    def _pass_over(self, event: Event, error: Exception) -> None:
        told = passed_over(event, error)
        self._over.append(told)
        logger.error("event %r of account %r is not in the scorecard: %s", *told.issue[1::-1], told.issue.message)
        if isinstance(error, NotStorable):
            return
        logger.error("how it failed", exc_info=error)
        self._errors += 1
        if self._errors > ERRORS_MAX:
            raise error

    def close(self) -> None:
        """Let go of the sources."""
        self._origin.close()
