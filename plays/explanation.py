"""Why an account's score is what it is: the score as a sum, its change since a date as a sum, and the events
behind both.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from plays.engine import Engine
from scoring.days import DAY, iso
from scoring.event import Event
from scoring.profile import Profile
from scoring.score import Score, deltas
from scoring.selector import Selector

GROUPS_MAX = 5
"""Kinds of events named per metric, the most frequent ones."""

LOOK_BACK_S = 30 * DAY
"""Without a date given, the change is that of the last 30 days."""


class Behind(NamedTuple):
    """Events of one name that a metric is about, which arrived between the two instants."""

    event: str
    arrived: int
    users: int
    first: float
    last: float


class Explanation(NamedTuple):
    """A score, the one before, and what moved it from one to the other; instants in unix seconds."""

    now: Score
    before: Score
    since: float
    moved: dict[str, float]
    """Points by metric; they add up to the change of the published score exactly."""
    behind: dict[str, tuple[Behind, ...]]
    """Per metric the events that arrived since; nothing means that time or silence moved it."""
    events: int
    """Events of the account that arrived since."""

    def to_json(self) -> dict[str, Any]:
        """The explanation as it is published."""
        change = None
        if self.now.score is not None and self.before.score is not None:
            change = round(self.now.score - self.before.score, 2)
        return {
            "score": self.now.to_json(),
            "since": iso(self.since),
            "score_before": self.before.score,
            "change": change,
            "moved": [
                {
                    "metric": metric,
                    "points": points,
                    "events": [_behind_json(behind) for behind in self.behind.get(metric, ())],
                }
                for metric, points in self.moved.items()
            ],
            "events_since": self.events,
        }


def explain(
    engine: Engine, account_id: str, events: Iterable[Event], *, at: float, since: float | None = None
) -> Explanation | None:
    """The explanation of an account's score at `at`, from its events in the order of their arrival.

    Only what had arrived by `at` counts. None when nothing had. The records are made anew: nothing that runs is
    touched.
    """
    since = at - LOOK_BACK_S if since is None else since
    account, recent = engine.account(account_id), list[Event]()
    before: Score | None = None
    for event in events:
        if event.arrived > at:
            break
        if before is None and event.arrived > since:
            before = engine.score(account, since)
        engine.fold(account, (event,))
        if event.arrived > since:
            recent.append(event)
    if not account.base:
        return None
    if before is None:
        before = engine.score(account, since)
    now = engine.score(account, at)
    moved = deltas(before.to_json(), now.to_json())
    behind = {metric: found for metric in moved if (found := _behind(engine.profile, metric, recent))}
    return Explanation(now, before, since, moved, behind, len(recent))


def _behind(profile: Profile, metric: str, events: Sequence[Event]) -> tuple[Behind, ...]:
    groups: dict[str, list[Event]] = defaultdict(list)
    selects = selectors_of(profile, metric)
    for event in events:
        if any(selector.by_name(event.stream, event.name) for selector in selects):
            groups[event.name].append(event)
    frequent = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:GROUPS_MAX]
    return tuple(
        Behind(
            name, len(found), len({event.user_id for event in found if event.user_id}),
            min(event.at for event in found), max(event.at for event in found),
        )
        for name, found in frequent
    )  # fmt: skip


def selectors_of(profile: Profile, metric: str) -> list[Selector]:
    """Which events move a metric, through the metrics that it needs too; every event for those about silence."""
    if metric not in profile.file.metrics:
        return []
    declared = profile.metric(metric)
    if declared.needs:
        return [selector for need in declared.needs for selector in selectors_of(profile, need)]
    names = tuple(name for field in ("events", "opens", "closes") for name in getattr(declared, field, ()))
    stream = getattr(declared, "stream", None)
    if names or stream:
        return [Selector(stream=stream, events=names)]
    if getattr(declared, "trait", None):
        return [Selector(events=("group",))]
    return [Selector(stream=stream) for stream in ("usage", "cs", "advocacy", "revenue", "accounts")]


def _behind_json(behind: Behind) -> dict[str, Any]:
    return {**behind._asdict(), "first": iso(behind.first), "last": iso(behind.last)}
