"""What is in the log and not yet in the records: in memory as far as it is short, else read from the log again."""

from collections import deque
from collections.abc import Sequence

from streams.embedded.log import Log, Logged


class Backlog:
    """The log after the applied position. The log is the truth; memory only saves reading it."""

    def __init__(self, log: Log, applied: int, events_max: int) -> None:
        self._log = log
        self._taken = applied  # chunks were given out up to here
        self._events_max = events_max
        self._recent: deque[Logged] = deque()
        self.complete = log.head == applied
        """Whether memory holds all that was not given out."""

    def __len__(self) -> int:
        """Positions not yet given out; duplicates left gaps, so the events may be fewer."""
        return self._log.head - self._taken

    @property
    def oldest(self) -> float:
        """When the first event not yet given out arrived, unix seconds; 0 when memory does not know."""
        return self._recent[0].event.arrived if self.complete and self._recent else 0.0

    @property
    def accounts(self) -> set[str]:
        """Accounts with events that were not given out, as far as memory knows."""
        return {one.event.account_id for one in self._recent}

    def add(self, logged: Sequence[Logged]) -> None:
        """Note what was appended to the log just now."""
        if not self.complete:
            return
        if len(self._recent) + len(logged) > self._events_max:
            self._recent.clear()
            self.complete = False
        else:
            self._recent.extend(logged)

    def chunk(self, limit: int) -> tuple[list[Logged], int]:
        """Give out the next events, at most `limit`, and the position that is reached when they are applied."""
        if not self.complete:
            return self._read(limit)
        size = min(limit, len(self._recent))
        logged = [self._recent.popleft() for _ in range(size)]
        self._taken = self._log.head if not self._recent else logged[-1].seq
        return logged, self._taken

    def _read(self, limit: int) -> tuple[list[Logged], int]:
        logged, last = self._log.read(self._taken, limit)
        self._taken = last
        self.complete = last == self._log.head
        return logged, last
