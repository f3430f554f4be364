"""The ledger's rows: postings, which are only ever added, and what else events leave behind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from scorecard.book import Change
from scorecard.issue import Issue
from scorecard.model.database import Database
from scorecard.model.rows import Taken
from scorecard.model.tables import day_number, dealings, issues, postings, spends, touchpoints, traits
from scorecard.model.upsert import portions
from scorecard.movement import Movement, Posting
from scoring.event import Event

Place = tuple[int, str, str, str, int, int, str, int, str]
"""By which a posting and its reversal find each other: all columns between id and known_at but for the sign."""


class Ledger:
    """Of one transaction: rows are gathered, and written together."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._postings: list[tuple[int, Posting]] = []
        self._settled: list[tuple[int, Issue, float]] = []
        self._rows: dict[Table, list[tuple[Any, ...]]] = {
            table: [] for table in (touchpoints, traits, spends, dealings, issues)
        }

    def add(self, account: int, change: Change, known_at: float) -> None:
        """What an event did to the book of an account."""
        self._postings += [(account, posting) for posting in change.postings]
        if change.touchpoint is not None:
            self._rows[touchpoints].append((account, *change.touchpoint[1:], known_at))
        if change.spend is not None:
            _, motion, on, cents, message_id = change.spend
            self._rows[spends].append((account, motion, day_number(on), cents, message_id, known_at))
        if change.dealing is not None:
            self._rows[dealings].append((account, *change.dealing[1:], known_at))
        self._rows[issues] += [(account, *issue[1:], known_at, None) for issue in change.issues]
        self._settled += [(account, issue, known_at) for issue in change.settled]

    def describe(self, account: int, said: Mapping[str, str], event: Event) -> None:
        """What an event said of an account, by trait."""
        self._rows[traits] += [
            (account, name, value, event.at, event.message_id, event.arrived) for name, value in said.items()
        ]

    def write(self) -> Taken:
        """Put all of it into the tables."""
        self._write_postings()
        for table, rows in self._rows.items():
            first = self._next(table)
            self._database.append(self._connection, table, [(number, *row) for number, row in enumerate(rows, first)])
        for account, issue, known_at in self._settled:
            self._connection.execute(
                update(issues)
                .where(
                    issues.c.account == account, issues.c.message_id == issue.message_id,
                    issues.c.reason == issue.reason, issues.c.field == issue.field, issues.c.settled_at.is_(None),
                )
                .values(settled_at=known_at)
            )  # fmt: skip
        return Taken(len(self._postings), len(self._rows[touchpoints]), len(self._rows[issues]))

    def _next(self, table: Table) -> int:
        return (self._connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1

    def _write_postings(self) -> None:
        first = self._next(postings)
        undoing = any(posting.reverses for _, posting in self._postings)
        standing = self._standing() if undoing else {}
        rows = []
        for number, (account, posting) in enumerate(self._postings, first):
            reverses = None
            if posting.reverses:
                reverses = standing[_place(account, posting.undone)].pop()
            elif undoing:
                standing.setdefault(_place(account, posting.movement), []).append(number)
            _, product, subscription, kind, on, cents, currency, native, message_id = posting.movement
            rows.append(
                (number, account, product, subscription, kind.value, day_number(on), cents, currency, native,
                 message_id, posting.known_at, reverses)
            )  # fmt: skip
        self._database.append(self._connection, postings, rows)

    def _standing(self) -> dict[Place, list[int]]:
        """The postings of the accounts that have something reversed, but for what is reversed already; by place."""
        concerned = {account for account, posting in self._postings if posting.reverses}
        found: dict[Place, list[int]] = {}
        for some in portions(list(concerned)):
            undone = postings.alias()
            rows = self._connection.execute(
                select(postings)
                .where(
                    postings.c.account.in_(some), postings.c.reverses.is_(None),
                    ~select(undone.c.id).where(undone.c.reverses == postings.c.id).exists(),
                )
                .order_by(postings.c.id)
            )  # fmt: skip
            for row in rows:
                found.setdefault(tuple(row[1:10]), []).append(row.id)
        return found


def _place(account: int, movement: Movement) -> Place:
    _, product, subscription, kind, on, cents, currency, native, message_id = movement
    return account, product, subscription, kind.value, day_number(on), cents, currency, native, message_id


def net(made: Sequence[tuple[int, int | None, Movement]]) -> list[Movement]:
    """The movements of (id, the posting that it reverses, movement) that are not reversed."""
    undone = {reverses for _, reverses, _ in made if reverses is not None}
    return [movement for number, reverses, movement in made if reverses is None and number not in undone]
