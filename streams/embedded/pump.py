"""The writer: one thread that puts requests on the disk, applies the log, and lets time pass. Nobody else writes.

Round and round: everything that waits goes into the log with one commit, and is acknowledged; then the log is applied,
at once when there is little to do, in larger chunks under load; once a second what is due is looked for.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum

from streams.embedded.applier import Applier, Chunk
from streams.embedded.backlog import Backlog
from streams.embedded.inbox import Inbox, NotWritten, Outcome, Receipt, Stopped, Submission
from streams.embedded.outage import Outage
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.embedded.surroundings import Surroundings

PRESSURE = 10.0
"""By how much longer than at rest the log is applied at a time when as much waits as may."""

NOTE_S = 10.0
"""How often it is noted that the service runs; outages count in minutes."""

STOP_S_MAX = 5.0
"""How long a stop may be spent on applying the log: whoever stops services kills them when they take 10 s."""

RETRY_S = 0.5
"""How soon a disk that took nothing is tried again."""

PRUNE_EVENTS_MAX = 1_000
"""Events that may leave the log in a second, and triggers the outbox: more than arrive on average, no long pause."""

logger = logging.getLogger(__name__)


class State(StrEnum):
    """What the service is doing; all but `ready` mean that `/readyz` says no, and why."""

    RECOVERING = "recovering"
    READY = "ready"
    NO_ROOM = "no_room"
    STOPPING = "stopping"
    FAILED = "failed"


class Pump:
    """Runs from `start` until `stop`, or until it fails: then nothing more is taken in, and `on_failure` is told."""

    def __init__(
        self, store: Store, applier: Applier, outage: Outage, inbox: Inbox, settings: Settings, around: Surroundings
    ) -> None:
        self._store, self._applier, self._outage, self._inbox = store, applier, outage, inbox
        self._settings, self._telemetry, self._clock = settings, around.telemetry, around.clock
        self._on_failure, self._on_triggers = around.on_failure, around.on_triggers
        self._backlog = Backlog(store.log, store.applied, settings.backlog_events_max)
        self._chunk: Chunk | None = None
        self._recover_to = store.log.head
        # By a clock that nobody sets: that of the wall may be set back, and time must not stand still until then.
        self._next_tick = 0.0
        self._retry_at = 0.0
        self._note_at = 0.0
        self._stop_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.state = State.RECOVERING

    def start(self) -> None:
        """Begin with what the log holds and the records don't."""
        self._thread.start()

    def stop(self) -> None:
        """Let what waits get to the disk, and be applied as far as there is time, then end."""
        self._stop_at = time.monotonic() + STOP_S_MAX
        self._inbox.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._round():
                pass
            self.state = State.STOPPING
            with suppress(NotWritten):
                self._keep_time()
        except BaseException:
            logger.exception("the writer failed; nothing more is taken in")
            self.state = State.FAILED
            self._inbox.close()
            self._on_failure()
        finally:
            for submission in self._inbox.take(0.0):
                submission.done(Stopped("the service stopped before this was on the disk"))

    def _round(self) -> bool:
        """Once around; whether to go on."""
        taken = self._inbox.take(self._patience())
        if taken:
            self._append(taken)
        now = self._clock()
        if self._behind:
            self._apply(now)
        # Time passes only for accounts whose events are in; far behind, nobody knows whose are.
        if time.monotonic() >= max(self._next_tick, self._retry_at) and self._backlog.complete:
            self._tick(now)
        self._show(now)
        return taken != [] or not self._may_end

    @property
    def _may_end(self) -> bool:
        """Whether to stop, being asked to: what is in the log and not applied is not lost, only late."""
        if self._stop_at is None:
            return False
        return not self._behind or self.state == State.NO_ROOM or time.monotonic() >= self._stop_at

    @property
    def _behind(self) -> bool:
        """Whether the log holds what the records don't."""
        return self._chunk is not None or len(self._backlog) > 0

    def _patience(self) -> float:
        """How long to wait for requests, seconds."""
        due = self._retry_at if self._behind else max(self._next_tick, self._retry_at)
        return max(0.0, min(self._settings.tick_s, due - time.monotonic()))

    def _append(self, submissions: Sequence[Submission]) -> None:
        """Put requests into the log with one commit, and acknowledge them."""
        started = time.perf_counter()
        entries = [entry for submission in submissions for entry in submission.entries]
        dead = [letter for submission in submissions for letter in submission.dead]
        triggers = [trigger for submission in submissions for trigger in submission.triggers]
        first = self._store.log.head + 1
        try:
            with self._store.transaction():
                logged = self._store.log.append(entries)
                self._outage.observe([one.event for one in logged], self._clock())
                if dead:
                    self._store.dead_letters.add(dead)
                opened = self._store.outbox.add(triggers, self._clock()) if triggers else []
        except NotWritten as error:
            self._refused(error)
            self._answer(submissions, [error] * len(submissions))
            return
        if opened:
            self._telemetry.triggered(opened)
            self._on_triggers()
        self._backlog.add(logged)
        self._telemetry.appended(len(logged), len(entries) - len(logged), dead, time.perf_counter() - started)
        self._telemetry.log_position.set(self._store.log.head)  # before anybody knows of it
        self._answer(submissions, _receipts(submissions, first, {one.seq for one in logged}))
        self._written()

    def _answer(self, submissions: Sequence[Submission], outcomes: Sequence[Outcome]) -> None:
        for submission, outcome in zip(submissions, outcomes, strict=True):
            submission.done(outcome)

    def _apply(self, now: float) -> None:
        """Apply the next slice of the log, unless it pays to wait for more events, or the disk takes nothing."""
        if time.monotonic() < self._retry_at:
            return
        settings = self._settings
        if self._chunk is None:
            loaded = self._backlog.complete and self._inbox.events >= settings.load_events_min
            if loaded and self._lag_s(now) < settings.coalesce_s:
                return
            self._chunk = Chunk(*self._backlog.chunk(settings.backlog_events_max))
        try:
            if self._applier.apply(self._chunk, now, self._slice_s(now)):
                self._chunk = None
        except NotWritten as error:
            self._refused(error)
        else:
            self._written()

    def _slice_s(self, now: float) -> float:
        """How long to apply before intake gets its turn: the longer, the more waits beyond half of what may.

        So whatever arrives, the scores can't fall behind without end: in the end intake goes at their pace.
        """
        settings = self._settings
        waits = max(self._lag_s(now) / settings.lag_s_max, len(self._backlog) / settings.backlog_events_max)
        return min(settings.slice_s_max, settings.slice_s_min * (1.0 + PRESSURE * max(0.0, 2.0 * waits - 1.0)))

    def _tick(self, now: float) -> None:
        """Let time pass for the accounts that are due, unless silence means nothing."""
        pending = self._backlog.accounts | (self._chunk.batches.keys() if self._chunk is not None else set())
        try:
            due = 0 if self._outage.holds(now) else self._applier.tick(now, pending)
            if due < self._settings.tick_accounts_max:
                self._next_tick = time.monotonic() + self._settings.tick_s
                self._keep_time()
        except NotWritten as error:
            self._refused(error)
        else:
            self._telemetry.ticks_due.set(due)
            self._written()

    def _keep_time(self) -> None:
        """Note that we run, let go of what is too old, and keep the write-ahead log short."""
        now = self._clock()
        with self._store.transaction(durable=False):
            if self.state != State.READY or time.monotonic() >= self._note_at:  # else an idle disk may sleep
                self._outage.alive(now)
                self._note_at = time.monotonic() + NOTE_S
            self._store.log.prune(now - self._settings.log_s, PRUNE_EVENTS_MAX)
            self._store.outbox.prune(now - self._settings.triggers_s, PRUNE_EVENTS_MAX)
        self._store.shorten()

    def _refused(self, error: NotWritten) -> None:
        if self.state != State.NO_ROOM:
            logger.error("%s; intake refuses, and goes on when that is over", error)
        self.state = State.NO_ROOM
        self._retry_at = time.monotonic() + RETRY_S

    def _written(self) -> None:
        """The disk took something; ready once everything is applied that was in the log at the start."""
        if self.state == State.NO_ROOM:
            logger.info("the disk takes data again")
            self.state = State.RECOVERING
        if self.state == State.RECOVERING and self._store.applied >= self._recover_to:
            logger.info("everything up to position %d is applied: ready", self._store.applied)
            self.state = State.READY

    def _lag_s(self, now: float) -> float:
        oldest = self._chunk.oldest if self._chunk is not None else self._backlog.oldest
        return max(0.0, now - oldest) if oldest else 0.0

    def _show(self, now: float) -> None:
        telemetry = self._telemetry
        telemetry.lag_seconds.set(self._lag_s(now))
        telemetry.waiting_events.set(self._inbox.events)
        telemetry.log_position.set(self._store.log.head)
        telemetry.applied_position.set(self._store.applied)
        telemetry.held.set(self._outage.holds(now))
        telemetry.ready.set(self.state == State.READY)


def _receipts(submissions: Sequence[Submission], first: int, new: set[int]) -> list[Outcome]:
    """What each submission added, whose entries were given positions from `first` on."""
    receipts: list[Outcome] = []
    for submission in submissions:
        size = len(submission.entries)
        accepted = sum(seq in new for seq in range(first, first + size))
        receipts.append(Receipt(accepted, size - accepted))
        first += size
    return receipts
