"""The ledger's rows: postings, which are only ever added, and what else events leave behind."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from scorecard.issue import Issue
from scorecard.model.database import Database
from scorecard.model.tables import day_number, issues, postings, touchpoints, traits
from scorecard.model.upsert import portions
from scorecard.movement import Movement, Posting
from scorecard.touchpoint import Touchpoint

Place = tuple[int, str, str, str, int, int, str, int, str]
"""By which a posting and its reversal find each other: all columns between id and known_at but for the sign."""


class Ledger:
    """Of one transaction: rows are gathered, and written together."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._postings: list[tuple[int, Posting]] = []
        self._touchpoints: list[tuple[Any, ...]] = []
        self._issues: list[tuple[Any, ...]] = []
        self._settled: list[tuple[int, Issue, float]] = []
        self._traits: list[tuple[Any, ...]] = []

    def post(self, account: int, made: Iterable[Posting]) -> None:
        """Postings of an account, in their order."""
        self._postings += [(account, posting) for posting in made]

    def touch(self, account: int, touchpoint: Touchpoint, known_at: float) -> None:
        """A touchpoint of an account."""
        _, contact, programme, at, message_id = touchpoint
        self._touchpoints.append((account, contact, programme, at, message_id, known_at))

    def itemise(self, account: int, arisen: Iterable[Issue], settled: Iterable[Issue], known_at: float) -> None:
        """Issues of an account, and those that are none any more."""
        self._issues += [(account, *issue[1:], known_at, None) for issue in arisen]
        self._settled += [(account, issue, known_at) for issue in settled]

    def describe(self, account: int, name: str, value: str, at: float, message_id: str, known_at: float) -> None:
        """What was said of an account."""
        self._traits.append((account, name, value, at, message_id, known_at))

    def write(self) -> tuple[int, int, int]:
        """Put all of it into the tables; how many postings, touchpoints and issues there are."""
        self._write_postings()
        for table, rows in ((touchpoints, self._touchpoints), (issues, self._issues), (traits, self._traits)):
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
        return len(self._postings), len(self._touchpoints), len(self._issues)

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
