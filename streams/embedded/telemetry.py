"""The Prometheus metrics of the embedded service: declared once, here, which is also their documentation."""

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest

from streams.dead_letter import REASONS, DeadLetter
from streams.scorecard.order import State
from streams.scorecard.telemetry import behind, behind_seconds, ends, failed_looks, unsettled

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Buckets around what a transaction takes, from an idle fast disk to a busy slow one."""

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)

OUTCOMES = ("accepted", "duplicate", "rejected", "refused")
"""Of an event that was sent to us."""


class Telemetry:
    """A registry of its own, so that two services in one process don't mix."""

    def __init__(self) -> None:
        # No second series `_created` for each counter: nobody looks at them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        self.events = Counter(
            "accountpulse_intake_events_total",
            "Events by outcome: accepted, duplicate, rejected (dead letter), refused (busy, no room, stopping).",
            ["outcome"], registry=registry,
        )  # fmt: skip
        self.requests = Counter(
            "accountpulse_intake_requests_total", "Intake requests by HTTP status.", ["status"], registry=registry
        )
        self.dead_letters = Counter(
            "accountpulse_dead_letters_total", "Dead letters by reason.", ["reason"], registry=registry
        )
        self.triggers = Counter("accountpulse_triggers_total", "Triggers by play.", ["play"], registry=registry)
        self.engine_errors = Counter(
            "accountpulse_engine_errors_total", "Accounts on which the engine itself failed.", registry=registry
        )
        self.append_seconds = Histogram(
            "accountpulse_append_seconds",
            "From a group of requests to its events on the disk.",
            registry=registry,
            buckets=SECONDS,
        )
        self.append_events = Histogram(
            "accountpulse_append_events", "Events in such a group.", registry=registry, buckets=SIZES
        )
        self.apply_seconds = Histogram(
            "accountpulse_apply_seconds", "A slice of applying the log: folding, scoring, plays, and the transaction.",
            registry=registry, buckets=SECONDS,
        )  # fmt: skip
        self.apply_accounts = Histogram(
            "accountpulse_apply_accounts", "Accounts in such a slice.", registry=registry, buckets=SIZES
        )
        self.lag_seconds = Gauge(
            "accountpulse_apply_lag_seconds",
            "Age of the oldest event that is on the disk and not in a score.",
            registry=registry,
        )
        self.waiting_events = Gauge(
            "accountpulse_intake_waiting_events", "Events taken in and not yet on the disk.", registry=registry
        )
        self.log_position = Gauge(
            "accountpulse_log_position", "Position of the newest event in the log.", registry=registry
        )
        self.applied_position = Gauge(
            "accountpulse_applied_position", "Position up to which the log is in the scores.", registry=registry
        )
        self.ticks_due = Gauge(
            "accountpulse_ticks_due", "Accounts that were due at the last tick (up to a slice's).", registry=registry
        )
        self.held = Gauge(
            "accountpulse_plays_held",
            "1 while silence means nothing: the sources are dark, or we were.",
            registry=registry,
        )
        self.scorecard_behind = behind(registry)
        self.scorecard_behind_seconds = behind_seconds(registry)
        self.scorecard_unsettled = unsettled(registry)
        self.scorecard_ends = ends(registry)
        self.failed_looks = failed_looks(registry)
        self.ready = Gauge("accountpulse_ready", "1 while the service does all of its work.", registry=registry)
        for reason in REASONS:  # a series that begins at its first count shows Prometheus no rise
            self.dead_letters.labels(reason)
        for outcome in OUTCOMES:
            self.events.labels(outcome)
        ProcessCollector(registry=registry)  # memory, and when we were started

    def triggered(self, triggers: Sequence[Mapping[str, Any]]) -> None:
        """Count triggers that went out."""
        for trigger in triggers:
            self.triggers.labels(trigger["data"]["play"]).inc()

    def dead(self, letters: Sequence[DeadLetter]) -> None:
        """Count dead letters that were kept."""
        for letter in letters:
            self.dead_letters.labels(letter.reason).inc()

    def appended(self, accepted: int, duplicates: int, letters: Sequence[DeadLetter], seconds: float) -> None:
        """Count a group of requests that is on the disk."""
        self.events.labels("accepted").inc(accepted)
        self.events.labels("duplicate").inc(duplicates)
        self.events.labels("rejected").inc(len(letters))
        self.dead(letters)
        self.append_seconds.observe(seconds)
        self.append_events.observe(accepted + duplicates)

    def stored(self, seconds: float, accounts: int) -> None:
        """Count a slice that was applied."""
        self.apply_seconds.observe(seconds)
        self.apply_accounts.observe(accounts)

    def fed(self, state: State) -> None:
        """Show how far the scorecard is."""
        self.scorecard_behind.set(state.behind)
        self.scorecard_unsettled.set(state.unsettled)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)
