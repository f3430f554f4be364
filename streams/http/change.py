"""An explanation out of the read model: the score now, the published one before, and what lies between."""

from typing import Any

from plays.explanation import LOOK_BACK_S, selectors_of
from scoring.days import iso
from scoring.score import deltas
from streams.embedded.service import Service

Json = dict[str, Any]

KINDS_MAX = 200
"""Kinds of events looked at, the most frequent ones."""

KINDS_PER_METRIC_MAX = 5
"""Kinds of events named per metric."""


def change(service: Service, account_id: str, at: float | None, since: float) -> Json | None:
    """What `plays.explanation` gives, at the cost of some rows however long the history: both scores are as published,
    but for the one now (`at` None), which is computed at this moment.

    at: unix seconds; since: unix seconds, negative for the usual look back. None when the account is, or was, unknown.
    """
    reader, now = service.reader, service.clock()
    record = reader.record(account_id)
    if record is None:
        return None
    end = now if at is None else at
    since = end - LOOK_BACK_S if since < 0 else since
    if at is None:
        current = service.engine.score(service.engine.unpack(record.packed), now).to_json()
    else:
        published = reader.history(account_id, 0.0, at, 1)
        if not published:
            return None
        current = {"account_id": account_id, **published[0].to_json()}
    past = reader.history(account_id, 0.0, since, 1)
    before = past[0].to_json() if past else None
    moved = deltas(before or {"contributions": []}, current)
    arrivals = reader.arrivals(account_id, since, end, KINDS_MAX)
    known = before is not None and before["score"] is not None and current["score"] is not None
    return {
        "score": current,
        "since": iso(since),
        "score_before": before["score"] if before else None,
        "published_before_at": before["at"] if before else None,
        "change": round(current["score"] - before["score"], 2) if before is not None and known else None,
        "moved": [
            {"metric": metric, "points": points, "events": _behind(service, metric, arrivals)}
            for metric, points in moved.items()
        ],
        "events_since": sum(kind["count"] for kind in arrivals),
    }


def _behind(service: Service, metric: str, arrivals: Any) -> list[Json]:
    """The kinds of events that move a metric."""
    selectors = selectors_of(service.engine.profile, metric)
    kinds = [kind for kind in arrivals if any(selector.by_name(kind["stream"], kind["name"]) for selector in selectors)]
    return [
        {
            "event": kind["name"], "count": kind["count"], "users": kind["users"],
            "first": iso(kind["first"]), "last": iso(kind["last"]),
        }
        for kind in kinds[:KINDS_PER_METRIC_MAX]
    ]  # fmt: skip
