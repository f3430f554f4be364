"""S2's last step: the accounts of a cohort, what each adds to the figures, and who does what about it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from scorecard.model.pages import LIMIT_MAX
from scorecard.model.rows import Member, Page
from scorecard.money import major
from scorecard.period import Period
from scorecard.report.source import Source
from scorecard.retention import nrr, waterfall

Json = dict[str, Any]


class Task(NamedTuple):
    """A play that is open on an account."""

    play: str
    title: str
    phase: str
    since: str
    """ISO 8601."""
    owner: str
    due_at: str | None
    action: str
    """What the owner does next."""
    severity: str


Work = Callable[[str], Sequence[Task]]
"""The open plays of an account, the most severe first."""

SEVERITIES = ("critical", "warning", "info")
"""The most severe first; what is none of them comes last."""


def nobody(account_id: str) -> Sequence[Task]:
    """Where plays are not known."""
    return ()


def by_severity(tasks: Sequence[Task]) -> list[Task]:
    """The most severe first, then the one that is due first."""

    def rank(task: Task) -> tuple[int, str]:
        place = SEVERITIES.index(task.severity) if task.severity in SEVERITIES else len(SEVERITIES)
        return place, task.due_at or "~"  # what is never due comes last

    return sorted(tasks, key=rank)


class Account(NamedTuple):
    """A member of a cohort in a period."""

    member: Member
    owner: str | None
    """The trait `owner`."""
    tasks: Sequence[Task]

    def to_json(self, currency: str) -> Json:
        """As a part of an answer."""
        sheet = self.member.sheet
        kept = nrr(sheet)
        bars = waterfall(sheet)
        return {
            "account_id": self.member.entity,
            "cohort": dict(self.member.cohort),
            "owner": self.owner,
            "start": float(major(sheet.start, currency)),
            "end": float(major(sheet.total_end, currency)),
            "change": float(major(sheet.total_end - sheet.start, currency)),
            "nrr": None if kept.value is None else float(kept.value),
            "waterfall": {name: float(major(cents, currency)) for name, cents in bars._asdict().items()},
            "open_plays": [task._asdict() for task in self.tasks],
            "next_action": self.tasks[0].action if self.tasks else None,
        }


def accounts(
    source: Source, period: Period, cohort: Mapping[str, str], work: Work = nobody,
    *, after: str | None = None, limit: int = LIMIT_MAX,
) -> Page[Account]:  # fmt: skip
    """A page of a cohort's accounts; none of a period that has not begun (Source.unbegun). ValueError for a dimension
    that is not kept, CursorError for an odd `after`.
    """
    if source.unbegun(period) is not None:
        return Page([], None)
    page = source.model.accounts(period, cohort, after=after, limit=limit)
    owners = source.facets.trait([member.entity for member in page.rows], "owner")
    rows = [Account(member, owners.get(member.entity), by_severity(work(member.entity))) for member in page.rows]
    return Page(rows, page.next)
