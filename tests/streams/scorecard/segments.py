"""Segments whose revenue moves, as messages; and by simple sums which plays over them must have opened."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plays.trigger import trigger_id
from scoring.days import DAY, iso
from scoring.subject import subject
from tests.streams.embedded.sent import Message, group, track

PLAYS = """
version: "1"
by: [segment]
accounts_min: 2
plays:
  shrinking: {title: Shrinking, condition: figures.R3 < 0.95, cooldown: 0s, expire_after: null, owner: CS,
              action: {kind: [expansion_campaign], summary: Grow it.}}
  halved: {title: Halved, condition: figures.R3 < 0.5, cooldown: 0s, expire_after: null, owner: CS,
           action: {kind: [expansion_campaign], summary: Save it.}}
"""
BELOW = {"shrinking": 0.95, "halved": 0.5}
"""The same: NRR under which a play opens."""

ACCOUNTS, ARR = 3, 100


def plays(directory: Path) -> str:
    """A file of them; its path."""
    file = directory / "cohort_plays.yaml"
    file.write_text(PLAYS, encoding="utf-8")
    return str(file)


def cohort(name: str) -> str:
    """The subject of a segment."""
    return subject({"segment": name})


class Segments:
    """Each of ACCOUNTS accounts that began long ago with ARR each."""

    def __init__(self, names: Iterable[str]) -> None:
        now = time.time()
        self._began = now - 500 * DAY
        # within the last twelve whole months, whatever the day of this one
        self._changed = datetime.fromtimestamp(now, UTC).replace(day=1, hour=0).timestamp() - 20 * DAY
        self.paid = {f"{name}-{number}": ARR for name in names for number in range(ACCOUNTS)}
        self._sent = 0

    def began(self) -> Iterator[Message]:
        """What each of them is and paid at first."""
        for account in self.paid:
            self._sent += 1
            yield group(self._sent, account, segment=account.partition("-")[0]) | {"timestamp": iso(self._began - DAY)}
            yield self._message(account, "Subscription Started", self._began, ARR)

    def pay(self, account: str, arr: int) -> Message:
        """From a little later on, an account pays so much."""
        name = "Subscription Upgraded" if arr > self.paid[account] else "Subscription Downgraded"
        self.paid[account] = arr
        self._changed += 60
        return self._message(account, name, self._changed, arr)

    def _message(self, account: str, name: str, at: float, arr: int) -> Message:
        self._sent += 1
        properties: dict[str, Any] = {
            "subscription_id": f"s-{account}",
            "product": "core",
            "arr": arr,
            "currency": "USD",
        }
        return {**track(self._sent, account, None, at=at, event=name), "properties": properties}

    def nrr(self, name: str) -> float:
        """What a segment pays now of what it paid a year ago."""
        return sum(arr for account, arr in self.paid.items() if account.partition("-")[0] == name) / (ACCOUNTS * ARR)

    def opened(self, episode: int = 1) -> dict[str, tuple[str, str, int]]:
        """By trigger id, the (cohort, play, episode) of plays that are true of the segments by now."""
        return {
            trigger_id(cohort(name), play, episode): (cohort(name), play, episode)
            for name in {account.partition("-")[0] for account in self.paid}
            for play, bound in BELOW.items()
            if self.nrr(name) < bound
        }


def told(trigger: Mapping[str, Any]) -> tuple[str, str, int]:
    """The same of a trigger."""
    return trigger["subject"], trigger["data"]["play"], trigger["data"]["episode"]


def saying(number: object, name: str, segment: str, **properties: Any) -> Message:
    """An answer, as it is sent."""
    return {**track(f"answer-{number}", cohort(segment), "kim", event=name), "properties": properties}
