"""Were the planted stories noticed, and was anybody bothered for nothing? The truth beside the triggers.

A planted story is *caught* when a trigger of its play comes for its account in [from, deadline]; else it is *missed*,
also when one came later (`late`). A trigger is *falsely raised* when its play belongs to some story, and no record of
its account explains it: none whose [from, until] holds the trigger's time and which expects that play, or names it
among those that the same facts explain. Triggers of plays that belong to no story (an SLA, a renewal) are not judged:
the history plants nothing about them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from scoring.days import DAY, instant
from streams.simulate.truth import Truth

Trigger = Mapping[str, Any]
"""A CloudEvent as plays/trigger.py makes it: `subject` is the account, `time` when it opened, `data.play` the play."""


class StoryVerdict(NamedTuple):
    """How one story fared. For a story without a play (nothing should happen) `caught` counts the accounts left alone,
    `missed` those with a false trigger."""

    story: str
    play: str | None
    planted: int
    caught: int
    missed: int
    late: int
    """Of the missed: those whose trigger came after the deadline, while the story lasted."""
    falsely_raised: int
    """Triggers of the story's play without an explanation, whatever the account. For a story without a play: those of
    any judged play on its accounts; each is counted for its own play as well."""
    median_delay_days: float | None
    """From the story's beginning to the trigger that caught it; None when none was caught."""


class _Raised(NamedTuple):
    account: str
    play: str
    at: float


def judge(truth: Sequence[Truth], triggers: Iterable[Trigger]) -> list[StoryVerdict]:
    """A verdict per story in the truth: those with a play first, each group in the order of their names."""
    records = defaultdict(list)
    for record in truth:
        records[record.account_id].append(record)
    judged = {record.play for record in truth if record.play is not None}
    raised = [_raised(trigger) for trigger in triggers]
    by_key: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in raised:
        by_key[one.account, one.play].append(one.at)
    false = [one for one in raised if one.play in judged and not any(_explains(r, one) for r in records[one.account])]
    stories = sorted({(record.play is None, record.story, record.play or "") for record in truth})
    return [
        _verdict(story, play or None, [record for record in truth if record.story == story], by_key, false)
        for _, story, play in stories
    ]


def unjudged(truth: Sequence[Truth], triggers: Iterable[Trigger]) -> int:
    """How many triggers belong to plays that no story is about."""
    judged = {record.play for record in truth}
    return sum(trigger["data"]["play"] not in judged for trigger in triggers)


def _verdict(
    story: str,
    play: str | None,
    records: list[Truth],
    by_key: Mapping[tuple[str, str], list[float]],
    false: list[_Raised],
) -> StoryVerdict:
    if play is None:
        accounts = {record.account_id for record in records}
        wrong = [one for one in false if one.account in accounts]
        bothered = len({one.account for one in wrong})
        return StoryVerdict(story, None, len(records), len(records) - bothered, bothered, 0, len(wrong), None)
    delays, late = list[float](), 0
    for record in records:
        begins, deadline, until = _at(record.begins), _at(record.deadline or record.until), _at(record.until)
        came = sorted(at for at in by_key.get((record.account_id, play), ()) if begins <= at <= max(deadline, until))
        if came and came[0] <= deadline:
            delays.append((came[0] - begins) / DAY)
        elif came:
            late += 1
    caught = len(delays)
    wrong = [one for one in false if one.play == play]
    return StoryVerdict(
        story, play, len(records), caught, len(records) - caught, late, len(wrong), median(delays) if delays else None
    )


def _explains(record: Truth, one: _Raised) -> bool:
    if one.play != record.play and one.play not in record.explains:
        return False
    return _at(record.begins) <= one.at <= max(_at(record.until), _at(record.deadline or record.until))


def _raised(trigger: Trigger) -> _Raised:
    return _Raised(str(trigger["subject"]), str(trigger["data"]["play"]), _at(str(trigger["time"])))


def _at(text: str) -> float:
    at = instant(text)
    if at is None:
        raise ValueError(f"{text!r}: not an ISO 8601 instant")
    return at
