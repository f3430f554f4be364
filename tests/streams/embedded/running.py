"""The embedded service on a directory, with a clock that the test moves."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from plays.engine import Engine, names
from plays.playbook import load_playbook
from scoring.profile import Profile, default_profile
from streams.embedded.inbox import Entry, Outcome, Receipt, Submission
from streams.embedded.service import Service
from streams.embedded.settings import Settings
from streams.embedded.surroundings import Surroundings
from streams.embedded.telemetry import Telemetry
from streams.vocabulary import shipped
from streams.wire import decode

PLAYS = (Path(__file__).parents[2] / "data" / "serve_plays.yaml").read_text(encoding="utf-8")
START = 1_780_000_000.0
"""2026-05-28, a Thursday."""

SOON_S = 20.0
"""How long a test waits for what takes milliseconds on an idle machine."""

DAY = 86_400.0

VOCABULARY = shipped()


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@cache
def engine(profile: Profile | None = None, plays: str = PLAYS) -> Engine:
    """The core with the shipped profile and the test's plays."""
    profile = profile or default_profile()
    return Engine(profile, load_playbook(plays, file="plays.yaml", profile_names=names(profile)))


@dataclass
class Running:
    """A service that runs, as its clients see it."""

    service: Service
    clock: Clock

    def send(self, messages: Sequence[dict[str, Any]]) -> Receipt:
        """Submit, wait for the disk, then for the scores."""
        outcome = self.submit(messages)
        assert isinstance(outcome, Receipt), outcome
        self.settle()
        return outcome

    def submit(self, messages: Sequence[dict[str, Any]]) -> Outcome:
        """Submit and wait for the disk."""
        lines = [json.dumps(message).encode() for message in messages]
        decoded = decode(lines, vocabulary=VOCABULARY, now=self.clock(), live=True)
        alive = [line for index, line in enumerate(lines) if index not in {letter.item for letter in decoded.dead}]
        entries = [Entry(event, line, None) for event, line in zip(decoded.events, alive, strict=True)]
        got: list[Outcome] = []
        done = threading.Event()

        def tell(outcome: Outcome) -> None:
            got.append(outcome)
            done.set()

        self.service.submit(Submission(entries, decoded.dead, tell))
        assert done.wait(SOON_S)
        return got[0]

    def settle(self) -> None:
        """Wait until the log is applied."""
        self.until(
            lambda: (
                self.number("SELECT value FROM meta WHERE key = 'applied'") >= self.number("SELECT max(seq) FROM log")
            )
        )

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and wait until nobody is due."""
        self.clock.now += seconds
        self.until(lambda: not self.number("SELECT count(*) FROM records WHERE deadline <= ?", self.clock.now))

    def number(self, sql: str, *values: object) -> float:
        """The one number that a query gives; 0 for none."""
        rows = self.rows(sql, *values)
        return float(rows[0][0] or 0) if rows else 0.0

    def rows(self, sql: str, *values: object) -> list[Any]:
        """What is committed."""
        return [tuple(row) for row in self.service.reader._rows(sql, *values)]

    def until(self, true: Callable[[], object]) -> None:
        """Wait for something."""
        end = time.monotonic() + SOON_S
        while not true():
            assert time.monotonic() < end, "it did not come"
            time.sleep(0.005)


@contextmanager
def running(
    directory: Path, *, clock: Clock | None = None, core: Engine | None = None, settings: Settings | None = None,
    on_triggers: Callable[[], None] = lambda: None, on_failure: Callable[[], None] = lambda: None,
) -> Iterator[Running]:  # fmt: skip
    """A service on the directory, stopped at the end."""
    clock = clock or Clock()
    settings = replace(settings or Settings(), tick_s=0.01)
    around = Surroundings(Telemetry(), clock, on_triggers, on_failure)
    service = Service(directory, core or engine(), VOCABULARY, settings, around)
    service.start()
    try:
        yield Running(service, clock)
    finally:
        service.stop()
