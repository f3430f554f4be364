"""How the process that feeds the scorecard is doing, as the service sees it that started it."""

import time
from collections import deque
from collections.abc import Callable

from streams.scorecard.order import State

LATE_S = 300.0
"""Money that lags for longer is told: a restart, or a database that is away for a moment, is over by then."""

ENDS = 3
"""Ends of the process within ENDS_S that are told, though it may catch up in between."""

ENDS_S = 900.0


class Course:
    """Told by one thread, asked by any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds that only grow."""
        self._clock = clock
        self._current_at = clock()
        self._ends: deque[float] = deque(maxlen=ENDS)
        self._refused = False
        self.caught_up = False
        """Whether the figures have once been those of all that was there, since the start."""

    def told(self, state: State) -> None:
        """The process says how far it is."""
        if not (state.money or state.unsettled):
            self._current_at = self._clock()
        self.caught_up = self.caught_up or not (state.behind or state.unsettled)

    def ended(self, *, refused: bool) -> None:
        """The process has ended by itself. refused: it is not started again."""
        self._ends.append(self._clock())
        self._refused = refused

    @property
    def behind_s(self) -> float:
        """Seconds since the figures of money were last those of all that was there."""
        return self._clock() - self._current_at

    @property
    def trouble(self) -> str | None:
        """What somebody should know of, in a sentence; None: nothing."""
        if self._refused:
            return "the scorecard is not kept: see the log, and start the service again when that is mended"
        if len(self._ends) == ENDS and self._clock() - self._ends[0] <= ENDS_S:
            return f"the process that feeds the scorecard ends again and again, and {self._lag}; see the log"
        if self.behind_s > LATE_S:
            return f"{self._lag}; see the log"
        return None

    @property
    def _lag(self) -> str:
        return f"the scorecard's money has been behind for {self.behind_s:.0f} s"
