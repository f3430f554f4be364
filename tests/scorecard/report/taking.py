"""Events into all that reports are made of."""

from collections.abc import Sequence

from scorecard.report.source import Source
from scoring.event import Event


def take(source: Source, events: Sequence[Event]) -> None:
    """Into the ledger, and into the facets."""
    for taker in (source.model, source.facets):
        taker.take(events, {})
