"""The Prometheus metrics of the process that feeds the scorecard: the same in every service that has one."""

from prometheus_client import CollectorRegistry, Gauge


def behind(registry: CollectorRegistry) -> Gauge:
    """How far it lags behind its sources."""
    return Gauge(
        "accountpulse_scorecard_behind_events", "Messages that the scorecard has not taken.", registry=registry
    )


def unsettled(registry: CollectorRegistry) -> Gauge:
    """How far its figures lag behind its movements."""
    return Gauge(
        "accountpulse_scorecard_unsettled_entities", "Entities whose kept figures lag behind their movements.",
        registry=registry,
    )  # fmt: skip
