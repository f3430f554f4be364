"""Where requests wait for the writer, and what they get back."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scoring.event import Event
from streams.dead_letter import DeadLetter


class Entry(NamedTuple):
    """An event with the bytes it came as, and the stream its write key or path bound it to."""

    event: Event
    raw: bytes
    bound: str | None


class Receipt(NamedTuple):
    """What became of a submission, once it is on disk."""

    accepted: int
    duplicates: int


class NotWritten(Exception):
    """Nothing was changed: the disk is full, or fails, or another program holds the file."""

    def __init__(self, message: str, *, full: bool) -> None:
        super().__init__(message)
        self.full = full


class Stopped(Exception):
    """Nothing of the submission was kept: the service is stopping, or has failed."""


class Unconfirmed(Exception):
    """Some of the submission may have been kept, and some may not: nobody who could tell has answered in time."""


class Busy(Exception):
    """Too much is waiting for the disk already; try again."""

    def __init__(self, waiting: int, limit: int, what: str = "the disk") -> None:
        super().__init__(f"{waiting} events are waiting for {what}, at most {limit} may")
        self.retry_after_s = 1


Outcome = Receipt | NotWritten | Stopped | Unconfirmed


@dataclass(slots=True, eq=False)
class Submission:
    """One request: what to keep, and whom to tell. `done` is called once, on the writer's thread."""

    entries: Sequence[Entry]
    dead: Sequence[DeadLetter]
    done: Callable[[Outcome], None]
    triggers: Sequence[Mapping[str, Any]] = ()
    """Of plays over cohorts, which come from elsewhere than the events; those that are there already stay."""


class Inbox:
    """A bounded queue from any thread to the writer's."""

    def __init__(self, events_max: int) -> None:
        self._events_max = events_max
        self._waiting: deque[Submission] = deque()
        self._events = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def events(self) -> int:
        """Events that wait."""
        return self._events

    def put(self, submission: Submission) -> None:
        """Let it wait; raises Busy when the queue is full and Stopped when nobody reads it any more."""
        size = max(1, len(submission.entries))
        with self._changed:
            if self._closed:
                raise Stopped("the service is stopping")
            if self._events and self._events + size > self._events_max:
                raise Busy(self._events, self._events_max)
            self._waiting.append(submission)
            self._events += size
            self._changed.notify()

    def take(self, timeout_s: float) -> list[Submission]:
        """All that waits; after at most `timeout_s` nothing. Returns at once when closed."""
        with self._changed:
            if not self._waiting and not self._closed and timeout_s > 0:
                self._changed.wait(timeout_s)
            taken = list(self._waiting)
            self._waiting.clear()
            self._events = 0
            return taken

    def wake(self) -> None:
        """Make `take` return."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Take nothing more in; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()
