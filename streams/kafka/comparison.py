"""Whether rebuilt records say what the live ones say."""

from collections.abc import Mapping
from math import isclose
from typing import Any

from plays.engine import Engine
from scoring.account import Account
from streams.kafka.health import Health
from streams.kafka.record import Record

TOLERANCE = 1e-9
"""Absolute below 1, relative above: what is left is the order in which floats were added."""

EXAMPLES_MAX = 5
"""Accounts that are shown with what differs of them."""

NAMES_MAX = 8
"""Of what differs of such an account."""


class Comparison:
    """Counts accounts, and keeps some that differ."""

    def __init__(self) -> None:
        self.same = self.different = 0
        self.missing = 0
        """Live, and nothing of them in the topics since the rebuild's beginning."""
        self.only_rebuilt = 0
        """The other way round."""
        self.behind = 0
        """Not compared: workers have yet to apply messages that were rebuilt."""
        self.examples: list[dict[str, Any]] = []

    @property
    def agrees(self) -> bool:
        """Whether all accounts are there, and are the same."""
        return not (self.different or self.missing or self.only_rebuilt or self.behind)

    def note(self, account_id: str, differences: Mapping[str, Any]) -> None:
        """Note an account that is on both sides, and by name what is live and what was rebuilt of it."""
        if not differences:
            self.same += 1
            return
        self.different += 1
        if len(self.examples) < EXAMPLES_MAX:
            shown = {name: differences[name] for name in list(differences)[:NAMES_MAX]}
            self.examples.append({"account_id": account_id, "differences": shown})


def differences(engine: Engine, live: Record, rebuilt: Record, health: Health | None) -> dict[str, Any]:
    """By name, what is live and what was rebuilt of an account, where they differ. engine: what was rebuilt is of its
    layout; health: of the account, for live records of another layout, which can't be held against it otherwise.
    """
    ours = engine.unpack(rebuilt.packed)
    if live.signature != rebuilt.signature:
        return {} if health is None else _unlike(_health(health), _scored(engine, ours, health.at))
    at = max(live.at, rebuilt.at)
    theirs = engine.unpack(live.packed)
    return _unlike(_features(engine, theirs, at), _features(engine, ours, at))


def _features(engine: Engine, account: Account, at: float) -> dict[str, Any]:
    """All that events have told of an account."""
    traits = {f"traits.{name}": answer[2] for name, answer in account.traits.items()}
    return {
        **_scored(engine, account, at), **engine.profile.reader(account, at, None), **traits,
        "counted": account.counted, "too_old": account.too_old, "first_arrival": account.first_arrival,
        "silence_s": account.silence_s(at), "override": account.override and account.override[2],
    }  # fmt: skip


def _scored(engine: Engine, account: Account, at: float) -> dict[str, Any]:
    score = engine.score(account, at)
    return {"score": score.score, "band": score.band}


def _health(health: Health) -> dict[str, Any]:
    return {"score": health.score, "band": health.band}


def _unlike(live: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"live": live.get(name), "rebuilt": rebuilt.get(name)}
        for name in sorted({*live, *rebuilt}, key=lambda name: (name not in ("score", "band"), name))
        if not _close(live.get(name), rebuilt.get(name))
    }


def _close(live: object, rebuilt: object) -> bool:
    if isinstance(live, float) and isinstance(rebuilt, float):
        return isclose(live, rebuilt, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return live == rebuilt
