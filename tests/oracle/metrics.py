"""Every kind of metric, and the order in which those that are made of others come."""

from collections.abc import Callable
from typing import Any

from scoring.profile_file import ProfileFile
from tests.oracle.case import Case, Rows
from tests.oracle.history import History
from tests.oracle.records import answers, items, latest, subscription
from tests.oracle.timing import rhythm, silence, time_since, time_to_first
from tests.oracle.volume import active_days, amount, deviation, distinct, share, trend

PEERS_MIN = 10


def ratio(spec: Any, case: Case) -> float | None:
    above, below = case.values.get(spec.numerator), case.values.get(spec.denominator)
    return above / below if above is not None and below else None


def rank(spec: Any, case: Case) -> float | None:
    own, said = case.values.get(spec.of), case.history.trait("segment")
    peers = [v for segment, metric, v in case.rows if metric == spec.of and segment == (str(said[1]) if said else "")]
    if own is None or len(peers) < PEERS_MIN:
        return None
    return (sum(p < own for p in peers) + sum(p == own for p in peers) / 2) / len(peers)


KINDS: dict[str, Callable[[Any, Case], float | None]] = {
    "count": amount,
    "sum": amount,
    "trend": trend,
    "deviation": deviation,
    "distinct": distinct,
    "share": share,
    "active_days": active_days,
    "answers": answers,
    "latest": latest,
    "silence": silence,
    "rhythm": rhythm,
    "time_since": time_since,
    "time_to_first": time_to_first,
    "items": items,
    "subscription": subscription,
    "ratio": ratio,
    "rank": rank,
}


def measure(history: History, file: ProfileFile, at: float, rows: Rows) -> dict[str, float]:
    """The metrics that have a value; those made of others after them."""
    values: dict[str, float] = {}
    signs = history.signs(file.signs_of_life.streams, file.signs_of_life.events)
    waiting = dict(file.metrics.items())
    while waiting:
        for name, spec in list(waiting.items()):
            if set(needs(spec)) & waiting.keys():
                continue
            value = KINDS[spec.kind](spec, Case(history, signs, at, rows, values))
            if value is not None:
                values[name] = value
            del waiting[name]
    return values


def needs(spec: Any) -> tuple[str, ...]:
    """The metrics that this one is made of."""
    if spec.kind == "ratio":
        return spec.numerator, spec.denominator
    return (spec.of,) if spec.kind == "rank" else ()
