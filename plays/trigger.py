"""The message that is sent when an episode opens: a CloudEvents 1.0 JSON document.

Specification: github.com/cloudevents/spec, v1.0.2.
"""

import hashlib
import json
from functools import lru_cache
from typing import Any

from plays.condition import Condition
from plays.episode import Episode
from plays.logic import Values
from plays.play import Play
from plays.reason import TRAITS, fill, placeholders, sentence
from scoring.days import iso
from scoring.score import Contribution, Score

SOURCE = "/accountpulse"
TYPE = "io.accountpulse.play.opened"
_KEY = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))

MOVERS_MAX = 3
"""Metrics named as what holds the score down; the whole sum is one request away."""


def trigger_id(account_id: str, play_id: str, number: int) -> str:
    """The id of the trigger of an episode: the same after a crash, a replay, and under another profile or play version.

    128 bits of BLAKE2b over the JSON array [account, play, number], hexadecimal.

    >>> trigger_id("acme", "going_silent", 1)
    '52dff1a01f5f14f640dda76ececb5455'
    """
    key = _KEY.encode([account_id, play_id, number])
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()


def trigger(
    play: Play, condition: Condition, episode: Episode, score: Score, values: Values, playbook_version: str
) -> dict[str, Any]:
    """The trigger of an episode that has just opened: plain JSON values.

    score and values are those of the instant at which it opened; `data.evidence` holds the values that it looked at.
    """
    data = {
        "account_id": score.account_id,
        **asked(play, condition, episode, values),
        "score": score.score,
        "scale": "0 (bad) to 100 (good)",
        "band": score.band,
        "coverage": round(score.coverage, 4),
        "stage": score.stage,
        "segment": score.segment,
        "condition": condition.source,
        "evidence": _evidence(play, condition, values),
        "movers": [_mover(c) for c in _movers(score)],
    }
    return envelope(TYPE, score.account_id, play, episode, playbook_version, data, profileversion=score.profile)


def asked(play: Play, condition: Condition, episode: Episode, values: Values) -> dict[str, Any]:
    """What a trigger asks of whom, and why. ValueError of an episode that never opened."""
    opened_at = _opened_at(episode)
    return {
        "play": play.id,
        "title": play.title,
        "episode": episode.number,
        "severity": play.severity,
        "audience": list(play.audience),
        "owner": play.owner,
        "due_at": None if play.due_in is None else iso(opened_at + play.due_in),
        "action": {"kind": list(play.action.kind), "summary": play.action.summary},
        "reason": fill(play.reason, values) if play.reason else sentence(condition, values),
    }


def envelope(
    kind: str, subject: str, play: Play, episode: Episode, playbook_version: str, data: dict[str, Any], **versions: str
) -> dict[str, Any]:
    """The CloudEvent around a trigger's data; versions: of what else decided. ValueError as `asked`."""
    return {
        "specversion": "1.0",
        "id": trigger_id(subject, play.id, episode.number),
        "source": SOURCE,
        "type": kind,
        "subject": subject,
        "time": iso(_opened_at(episode)),
        "datacontenttype": "application/json",
        **versions,
        "playversion": str(play.version),
        "playbookversion": playbook_version,
        "data": data,
    }


def _opened_at(episode: Episode) -> float:
    if episode.opened_at is None:
        raise ValueError(f"episode {episode.play}/{episode.number} never opened: it is {episode.phase}")
    return episode.opened_at


def _evidence(play: Play, condition: Condition, values: Values) -> dict[str, Any]:
    """What the condition and the reason name, with its values, null where missing. Of the traits those looked at."""
    traits = values.get("traits") or {}
    return {
        name: _plain(traits.get(name[len(TRAITS) :]) if name.startswith(TRAITS) else values.get(name))
        for name in _named(condition, play.reason or "")
    }


@lru_cache(maxsize=1_024)
def _named(condition: Condition, reason: str) -> list[str]:
    """What a condition and a reason look at, sorted: the same for all accounts."""
    traits = {TRAITS + trait for trait in condition.traits}
    return sorted((condition.names | traits | {*placeholders(reason)}) - {"traits"})


def _plain(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _lost(contribution: Contribution) -> float:
    """Points that the metric keeps the score below what it could be."""
    return contribution.weight * (100.0 - contribution.scaled)


def _movers(score: Score) -> list[Contribution]:
    """What holds the score down, most first."""
    lossy = [contribution for contribution in score.contributions if _lost(contribution) > 0]
    return sorted(lossy, key=_lost, reverse=True)[:MOVERS_MAX]


def _mover(contribution: Contribution) -> dict[str, Any]:
    return {
        "metric": contribution.metric,
        "value": _plain(contribution.value),
        "unit": contribution.unit,
        "points": contribution.points,
        "points_lost": round(_lost(contribution), 2),
    }
