"""Whether the engine and the oracle say the same of an account."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from scoring.account import Account
from scoring.event import Event
from scoring.profile import Profile
from scoring.reference import Reference
from scoring.score import OVERRIDE, Score, score
from tests.oracle.case import Rows
from tests.oracle.history import History
from tests.oracle.score import Judgement, band, judge

K = TypeVar("K")

TOLERANCE = 1e-9
"""Absolute below 1, relative above: what is left is the order in which floats were added."""


def disagreements(
    account: Account, events: Sequence[Event], profile: Profile, *, at: float, rows: Rows = ()
) -> list[str]:
    """What the engine's record and the oracle say differently of these events at `at`; empty when they agree.

    `events`: everything that was handed over to the account, in that order, duplicates included.
    """
    theirs = judge(events, profile.file, at=at, rows=rows)
    values = profile.reader(account, at, Reference(rows))
    ours = score(account, profile, at=at, values=values)
    metrics = {name.removeprefix("metrics."): value for name, value in values.items() if name.startswith("metrics.")}
    found = [
        *_unlike("metrics", metrics, theirs.metrics),
        *_unlike("dimensions", ours.dimensions, theirs.dimensions),
        *_unlike("score", _numbers(ours), _numbers(theirs)),
        *_unlike("weights", dict(_weights(ours)), {(p.metric, p.dimension): p.weight for p in theirs.parts}),
        *_unlike("scaled", dict(_scaled(ours)), {(p.metric, p.dimension): p.scaled for p in theirs.parts}),
    ]
    found += _published(ours, theirs, account.band, profile.file.hysteresis)
    return found + _counted(account, events)


def _numbers(said: Score | Judgement) -> dict[str, float | None]:
    return {"value": said.value, "coverage": said.coverage, "confidence": said.confidence}


def _weights(ours: Score) -> Iterable[tuple[tuple[str, str], float]]:
    return (((c.metric, c.dimension), c.weight) for c in ours.contributions if c.dimension != OVERRIDE)


def _scaled(ours: Score) -> Iterable[tuple[tuple[str, str], float]]:
    return (((c.metric, c.dimension), c.scaled) for c in ours.contributions if c.dimension != OVERRIDE)


def _published(ours: Score, theirs: Judgement, before: str | None, hysteresis: float) -> list[str]:
    """Stage, segment, override, published score and band."""
    by_hand = (None, None) if theirs.override is None else theirs.override
    published = by_hand[0] if by_hand[0] is not None else None if ours.value is None else round(ours.value, 2)
    banded = by_hand[1] or (None if published is None else band(published, before, theirs.bands, hysteresis))
    expected = theirs.stage, theirs.segment, theirs.override is not None, published, banded
    got = ours.stage, ours.segment, ours.override is not None, ours.score, ours.band
    return [] if got == expected else [f"(stage, segment, overridden, score, band): engine {got}, oracle {expected}"]


def _counted(account: Account, events: Sequence[Event]) -> list[str]:
    history = History(events)
    expected = len(history.facts), history.duplicates, history.too_old
    got = account.counted, account.duplicates, account.too_old
    return [] if got == expected else [f"(counted, duplicates, too old): engine {got}, oracle {expected}"]


def _unlike(what: str, ours: Mapping[K, float | None], theirs: Mapping[K, float | None]) -> list[str]:
    return [
        f"{what}: {name}: engine {ours.get(name)!r}, oracle {theirs.get(name)!r}"
        for name in sorted({*ours, *theirs}, key=str)
        if not close(ours.get(name), theirs.get(name))
    ]


def close(a: float | None, b: float | None) -> bool:
    """Equal to TOLERANCE; what is missing equals only what is missing."""
    if a is None or b is None:
        return a is b
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))
