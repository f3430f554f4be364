"""What people have to do for an account, as its newest triggers say: the episodes are with the workers."""

import json
from collections.abc import Callable, Sequence

from scorecard.report.drill import Task
from scoring.days import DAY, instant
from streams.kafka.service.reader import Reader

TRIGGERS_MAX = 1_000
"""Of one account that are looked through."""

RECENT_S = 30 * DAY
"""What opened before is taken to be done: nobody here is told when an episode ends."""


class Tasks:
    """Of each play the newest trigger."""

    def __init__(self, reader: Reader, clock: Callable[[], float]) -> None:
        self._reader = reader
        self._clock = clock

    def __call__(self, account_id: str) -> Sequence[Task]:
        """Of an account; their phase is `opened`, whatever came of it since."""
        newest: dict[str, Task] = {}
        since = self._clock() - RECENT_S
        for _, body in self._reader.triggers("0", TRIGGERS_MAX, None, account_id):
            trigger = json.loads(body)
            data = trigger["data"]
            if (instant(trigger["time"]) or 0.0) >= since:
                newest[data["play"]] = Task(
                    data["play"], data["title"], "opened", trigger["time"], data["owner"], data["due_at"],
                    data["action"]["summary"], data["severity"],
                )  # fmt: skip
        return [*newest.values()]
