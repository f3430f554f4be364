"""The Prometheus metrics of a worker: declared once, here, which is also their documentation."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from streams.dead_letter import REASONS
from streams.kafka.edition import Edition
from streams.vocabulary import STREAMS

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets from a forced checkpoint on an idle machine to a broker that is away for a while."""


class Telemetry:
    """A registry of its own, so that two workers in one process don't mix."""

    def __init__(self) -> None:
        # No second series `_created` for each counter: nobody looks at them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        self.messages = Counter(
            "accountpulse_worker_messages_total", "Messages taken from the input topics, by stream.", ["stream"],
            registry=registry,
        )  # fmt: skip
        self.dead_letters = Counter(
            "accountpulse_dead_letters_total", "Dead letters by reason.", ["reason"], registry=registry
        )
        self.triggers = Counter("accountpulse_triggers_total", "Triggers sent, by play.", ["play"], registry=registry)
        self.trigger_seconds = Histogram(
            "accountpulse_event_to_trigger_seconds",
            "From the broker's time of a chunk's newest message to the broker's having the trigger that it caused.",
            registry=registry, buckets=SECONDS,
        )  # fmt: skip
        self.checkpoint_seconds = Histogram(
            "accountpulse_checkpoint_seconds", "A checkpoint, until the broker has all of it; forced: by a trigger.",
            ["forced"], registry=registry, buckets=SECONDS,
        )  # fmt: skip
        self.checkpoint_records = Counter(
            "accountpulse_checkpoint_records_total", "Records written to the changelog.", registry=registry
        )
        self.displaced = Counter(
            "accountpulse_displaced_records_total",
            "Records written again because a worker that had lost the partition wrote over them.",
            registry=registry,
        )
        self.partitions = Gauge(
            "accountpulse_worker_partitions", "Partitions that this worker owns, restored.", registry=registry
        )
        self.partitions_wanted = Gauge(
            "accountpulse_partitions", "Partitions of every topic: as many must all workers together own.",
            registry=registry,
        )  # fmt: skip
        self.accounts = Gauge("accountpulse_worker_accounts", "Accounts in these partitions.", registry=registry)
        self.restoring = Gauge(
            "accountpulse_restoring_messages", "Messages of the changelog that are still to be read back.",
            registry=registry,
        )  # fmt: skip
        self.lag = Gauge(
            "accountpulse_worker_lag_messages", "Messages in the input topics that were not applied yet.", ["stream"],
            registry=registry,
        )  # fmt: skip
        self.refused = Counter(
            "accountpulse_configuration_refused_total",
            "Messages of the configuration topic that could not be used; what ran before went on.", registry=registry,
        )  # fmt: skip
        self.position = Gauge(
            "accountpulse_configuration_position",
            "Offset, in its topic, of the configuration that this worker uses; -1 for one from files.",
            registry=registry,
        )
        self.outdated = Gauge(
            "accountpulse_configuration_outdated_accounts",
            "Accounts, at most, that were not yet looked at under the configuration that this worker uses.",
            registry=registry,
        )
        self.switching = Gauge(
            "accountpulse_switching_partitions",
            "Partitions of this worker that have yet to go on from rebuilt records.", registry=registry,
        )  # fmt: skip
        self.source_dark = Gauge(
            "accountpulse_source_dark",
            "1 while nothing has arrived on any partition of a stream for longer than it may be quiet.", ["stream"],
            registry=registry,
        )  # fmt: skip
        self.held = Gauge(
            "accountpulse_plays_held",
            "1 while silence means nothing: a source is dark, or has only just come back.", registry=registry,
        )  # fmt: skip
        self.unmeasured = Gauge(
            "accountpulse_worker_unmeasured_partitions",
            "Partitions that this worker was given and does not hear of: what waits in them is not in the lag.",
            registry=registry,
        )
        self.ready = Gauge(
            "accountpulse_ready", "1 while all partitions that this worker owns are restored.", registry=registry
        )
        for reason in REASONS:  # a series that begins at its first count shows Prometheus no rise
            self.dead_letters.labels(reason)
        for stream in STREAMS:
            self.messages.labels(stream)
        ProcessCollector(registry=registry)  # memory, and when we were started

    def uses(self, edition: Edition) -> None:
        """Show under what the worker goes on."""
        self.position.set(edition.stamp.position)
        for play in edition.engine.playbook.plays:  # as above: a series before its first count
            self.triggers.labels(play)

    def owns_nothing(self) -> None:
        """Show that the partitions are given back."""
        for gauge in (self.ready, self.partitions, self.accounts, self.restoring, self.switching):
            gauge.set(0)
