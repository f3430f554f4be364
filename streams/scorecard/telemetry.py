"""The Prometheus metrics of the process that feeds the scorecard: the same in every service that has one."""

from prometheus_client import CollectorRegistry, Gauge

from streams.scorecard.order import State


class Gauges:
    """Called with what the process tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._behind = Gauge(
            "accountpulse_scorecard_behind_events", "Messages that the scorecard has not taken.", registry=registry
        )
        self._unsettled = Gauge(
            "accountpulse_scorecard_unsettled_entities", "Entities whose kept figures lag behind their movements.",
            registry=registry,
        )  # fmt: skip

    def __call__(self, state: State) -> None:
        """Show it."""
        self._behind.set(state.behind)
        self._unsettled.set(state.unsettled)
