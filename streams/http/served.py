"""What the web application asks of the service behind it, whichever that is."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from prometheus_client import Counter

from scoring.event import Event
from streams.embedded.inbox import Submission
from streams.vocabulary import Vocabulary


class Counting(Protocol):
    """The Prometheus metrics that intake itself keeps."""

    @property
    def requests(self) -> Counter:
        """By HTTP status."""

    @property
    def events(self) -> Counter:
        """By outcome."""


class Taking(Protocol):
    """A service that takes events in."""

    @property
    def telemetry(self) -> Counting:
        """Its Prometheus metrics."""

    @property
    def vocabulary(self) -> Vocabulary:
        """What names of events mean."""

    @property
    def clock(self) -> Callable[[], float]:
        """Unix seconds."""

    def submit(self, submission: Submission) -> None:
        """Have events and dead letters made durable; raises Busy and Stopped."""

    def names_nothing(self, answer: Event) -> bool:
        """Whether an answer to a cohort's trigger certainly names none that is out. Asks the disk: not on the loop."""


class Exposing(Protocol):
    """Prometheus metrics that can be asked for."""

    def exposition(self) -> bytes:
        """All of them, in Prometheus' text format."""


class Watched(Protocol):
    """A service that operations watch."""

    @property
    def state(self) -> StrEnum:
        """What it is doing; its values `ready` and `failed` are the same for all."""

    @property
    def telemetry(self) -> Exposing:
        """Its Prometheus metrics."""
