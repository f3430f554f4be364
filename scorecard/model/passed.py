"""Events that the read model can't take: nothing of them counts, and an issue says so."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from scorecard.book import Change
from scorecard.issue import Issue
from scorecard.model.database import Database
from scorecard.model.ledger import Ledger
from scorecard.model.register import Register
from scorecard.model.tables import issues


class Passed(NamedTuple):
    """An event that was passed over."""

    issue: Issue
    known_at: float
    """Its arrival, unix seconds."""


def note(database: Database, connection: Connection, passed: Sequence[Passed]) -> None:
    """Write down what is not written yet: the ledger and the facets are fed apart, and may both fail on an event."""
    if not passed:
        return
    numbers = Register(database, connection, "account").numbers(one.issue.account_id for one in passed)
    ledger = Ledger(database, connection)
    for issue, known_at in passed:
        if not _is_known(connection, numbers[issue.account_id], issue):
            ledger.add(numbers[issue.account_id], Change(issues=(issue,)), known_at)
    ledger.write()


def _is_known(connection: Connection, account: int, issue: Issue) -> bool:
    columns = issues.c
    same = columns.account == account, columns.message_id == issue.message_id, columns.reason == issue.reason
    return connection.execute(select(columns.id).where(*same).limit(1)).first() is not None
