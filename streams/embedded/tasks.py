"""The plays that are open on an account, as people work on them."""

from collections.abc import Sequence

from plays.episode import LIVE
from plays.playbook import Playbook
from scorecard.report.drill import Task
from scoring.days import instant, iso
from streams.embedded.reader import Reader

TASKS_MAX = 20
"""Of one account: more open plays than that are a playbook gone wrong."""


class Tasks:
    """Read from the episodes, and named by the playbook that runs."""

    def __init__(self, reader: Reader, playbook: Playbook) -> None:
        self._reader = reader
        self._playbook = playbook

    def __call__(self, account_id: str) -> Sequence[Task]:
        """Of an account; of a play that the playbook does not have any more only what the episode says."""
        page = self._reader.episodes(account_id=account_id, phases=sorted(LIVE), after=None, limit=TASKS_MAX)
        return [self._task(row["play"], row["phase"], row["opened_at"]) for row in page.rows]

    def _task(self, name: str, phase: str, since: str) -> Task:
        play = self._playbook.plays.get(name)
        if play is None:
            return Task(name, name, phase, since, "", None, "", "")
        opened = instant(since)
        due = None if play.due_in is None or opened is None else iso(opened + play.due_in)
        return Task(name, play.title, phase, since, play.owner, due, play.action.summary, play.severity)
