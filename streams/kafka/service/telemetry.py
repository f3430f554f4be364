"""The Prometheus metrics of the service on Kafka: declared once, here, which is also their documentation."""

from collections.abc import Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest

from streams.dead_letter import DeadLetter
from streams.scorecard.order import State
from streams.scorecard.telemetry import behind, behind_seconds, ends, failed_looks, unsettled

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets from a broker beside us to one that is away for a while."""


class Telemetry:
    """A registry of its own, so that two services in one process don't mix."""

    def __init__(self) -> None:
        # No second series `_created` for each counter: nobody looks at them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        self.events = Counter(
            "accountpulse_intake_events_total",
            "Events by outcome: accepted, duplicate, rejected (dead letter), refused (busy, brokers away, stopping).",
            ["outcome"], registry=registry,
        )  # fmt: skip
        self.requests = Counter(
            "accountpulse_intake_requests_total", "Intake requests by HTTP status.", ["status"], registry=registry
        )
        self.dead_letters = Counter(
            "accountpulse_dead_letters_total", "Dead letters of intake by reason.", ["reason"], registry=registry
        )
        self.produce_seconds = Histogram(
            "accountpulse_produce_seconds", "From a request to the brokers' having all of it.",
            registry=registry, buckets=SECONDS,
        )  # fmt: skip
        self.waiting_events = Gauge(
            "accountpulse_intake_waiting_events", "Events taken in and not yet with the brokers.", registry=registry
        )
        self.read = Counter(
            "accountpulse_read_messages_total", "Messages of the output topics that are in the read model.", ["topic"],
            registry=registry,
        )  # fmt: skip
        self.skipped = Counter(
            "accountpulse_read_skipped_total", "Messages of the output topics that are no output of ours.", ["topic"],
            registry=registry,
        )  # fmt: skip
        self.lag = Gauge(
            "accountpulse_read_lag_messages", "Messages of the output topics that the read model lacks.", ["topic"],
            registry=registry,
        )  # fmt: skip
        self.triggers = Counter(
            "accountpulse_triggers_total", "Triggers of plays over cohorts that were sent, by play.", ["play"],
            registry=registry,
        )  # fmt: skip
        self.scorecard_behind = behind(registry)
        self.scorecard_behind_seconds = behind_seconds(registry)
        self.scorecard_unsettled = unsettled(registry)
        self.scorecard_ends = ends(registry)
        self.failed_looks = failed_looks(registry)
        self.ready = Gauge("accountpulse_ready", "1 while the service does all of its work.", registry=registry)

    def produced(self, accepted: int, duplicates: int, letters: Sequence[DeadLetter], seconds: float) -> None:
        """Count a request that is with the brokers."""
        self.events.labels("accepted").inc(accepted)
        self.events.labels("duplicate").inc(duplicates)
        self.events.labels("rejected").inc(len(letters))
        for letter in letters:
            self.dead_letters.labels(letter.reason).inc()
        self.produce_seconds.observe(seconds)

    def triggered(self, triggers: Sequence[Mapping[str, Any]]) -> None:
        """Count triggers that are with the brokers."""
        for trigger in triggers:
            self.triggers.labels(trigger["data"]["play"]).inc()

    def fed(self, state: State) -> None:
        """Show how far the scorecard is."""
        self.scorecard_behind.set(state.behind)
        self.scorecard_unsettled.set(state.unsettled)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)
