"""Feeds a read model: from where it stands in its sources, to their end, and on as they grow."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from scorecard.model.database import Unavailable
from scoring.event import Event
from streams.scorecard.stretch import Origin, Stretch

ERRORS_MAX = 100
"""Events on which the core itself may fail before the feed stops: one odd event is passed over, a broken program is not
run on."""

logger = logging.getLogger(__name__)


class Taker(Protocol):
    """A read model, or a part of one that stands at positions of its own."""

    def positions(self) -> dict[str, int]:
        """How far each source was read."""

    def take(self, events: Sequence[Event], positions: Mapping[str, int]) -> object:
        """Events, and how far they take their sources: all at once, or nothing."""


class Feed:
    """One thread at a time."""

    def __init__(self, taker: Taker, origin: Origin, idle: Callable[[], int]) -> None:
        """idle: what else the taker has to do when all was taken; how much of that is left. OriginError where the read
        model was made from something else.
        """
        self._taker, self._origin, self._idle = taker, origin, idle
        self._positions = taker.positions()
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
            self._positions |= stretch.positions
        self.behind = stretch.behind or min(self.behind, 1)
        if stretch.behind:
            return True
        left = self._idle()
        self.behind = 0
        return left > 0

    def _take(self, stretch: Stretch) -> None:
        try:
            self._taker.take(stretch.events, stretch.positions)
        except Unavailable:
            raise
        except Exception:
            logger.exception("the scorecard failed on one of %d events; trying them one by one", len(stretch.events))
            self._take_each(stretch)

    def _take_each(self, stretch: Stretch) -> None:
        """One by one, and without those that can't be taken."""
        for event, (source, position) in zip(stretch.events, stretch.places, strict=True):
            try:
                self._taker.take([event], {source: position})
            except Unavailable:
                raise
            except Exception:
                self._errors += 1
                logger.exception("event %r of account %r is not in the scorecard", event.message_id, event.account_id)
                if self._errors > ERRORS_MAX:
                    raise
        self._taker.take([], stretch.positions)

    def close(self) -> None:
        """Let go of the sources."""
        self._origin.close()
