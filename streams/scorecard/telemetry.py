"""The Prometheus metrics of the process that feeds the scorecard, and of the watch over its cohorts: the same in every
service that has one.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge


def behind(registry: CollectorRegistry) -> Gauge:
    """How far it lags behind its sources."""
    return Gauge(
        "accountpulse_scorecard_behind_events", "Messages that the scorecard has not taken.", registry=registry
    )


def behind_seconds(registry: CollectorRegistry) -> Gauge:
    """The same as time, which also goes on while the process is away."""
    return Gauge(
        "accountpulse_scorecard_behind_seconds",
        "Since the figures of money were last those of all that was there.", registry=registry,
    )  # fmt: skip


def ends(registry: CollectorRegistry) -> Counter:
    """Whether the process keeps ending."""
    return Counter(
        "accountpulse_scorecard_ends_total", "Ends of the process that feeds the scorecard; the log says why.",
        registry=registry,
    )  # fmt: skip


def unsettled(registry: CollectorRegistry) -> Gauge:
    """How far its figures lag behind its movements."""
    return Gauge(
        "accountpulse_scorecard_unsettled_entities", "Entities whose kept figures lag behind their movements.",
        registry=registry,
    )  # fmt: skip


def failed_looks(registry: CollectorRegistry) -> Counter:
    """Whether plays over cohorts stand still."""
    return Counter(
        "accountpulse_cohort_looks_failed_total", "Looks at cohorts that could not be done; the log says why.",
        registry=registry,
    )  # fmt: skip
