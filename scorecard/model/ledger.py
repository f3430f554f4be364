"""The ledger's rows: postings, which are only ever added, and what else events leave behind."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from scorecard.book import Change
from scorecard.issue import Issue
from scorecard.model.database import Database
from scorecard.model.rows import Taken
from scorecard.model.tables import EPOCH, day_number, dealings, issues, postings, spends, touchpoints, traits
from scorecard.model.upsert import among, portions
from scorecard.movement import Movement
from scoring.event import Event

Place = tuple[Any, ...]
"""What a posting says: all columns between id and known_at."""

EPOCH_ORDINAL = EPOCH.toordinal()


class Ledger:
    """Of one transaction: rows are gathered, and written together."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        self._first = self._number = self._next(postings)
        self._postings: list[tuple[Any, ...]] = []
        self._reversals: list[int] = []
        """Places of the postings that take others back."""
        self._settled: list[tuple[int, Issue, float]] = []
        self._rows: dict[Table, list[tuple[Any, ...]]] = {
            table: [] for table in (touchpoints, traits, spends, dealings, issues)
        }

    def add(self, account: int, change: Change, known_at: float) -> None:
        """What an event did to the book of an account."""
        made, arisen, settled, _, touchpoint, spend, dealing, _ = change
        for movement, posted_at, reverses in made:
            if reverses:
                self._reversals.append(len(self._postings))
            _, product, subscription, kind, on, cents, currency, native, message_id = movement
            self._postings.append(
                (self._number, account, product, subscription, kind._value_, on.toordinal() - EPOCH_ORDINAL, cents,
                 currency, native, message_id, posted_at, None)
            )  # fmt: skip
            self._number += 1
        if touchpoint is not None:
            self._rows[touchpoints].append((account, *touchpoint[1:], known_at))
        if spend is not None:
            _, motion, on, cents, message_id = spend
            self._rows[spends].append((account, motion, day_number(on), cents, message_id, known_at))
        if dealing is not None:
            self._rows[dealings].append((account, *dealing[1:], known_at))
        if arisen:
            self._rows[issues] += [(account, *issue[1:], known_at, None) for issue in arisen]
        if settled:
            self._settled += [(account, issue, known_at) for issue in settled]

    def holds(self, account: int, event: Event) -> bool:
        """Whether the touchpoint that an event tells of is there already, whichever its time."""
        where = touchpoints.c.account == account, touchpoints.c.message_id == event.message_id
        waiting = self._rows[touchpoints]
        return any(row[0] == account and row[4] == event.message_id for row in waiting) or bool(
            self._connection.execute(select(touchpoints.c.id).where(*where).limit(1)).first()
        )

    def describe(self, account: int, name: str, value: str | None, event: Event) -> None:
        """What an event said of an account; None: what it said is not kept."""
        if value is not None:
            self._rows[traits].append((account, name, value, event.at, event.message_id, event.arrived))

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
        if self._reversals:
            self._resolve()
        self._database.append(self._connection, postings, self._postings)

    def _resolve(self) -> None:
        """Find, for each reversal, the posting that it takes back: one from before, or one of this transaction."""
        rows, reversals = self._postings, set(self._reversals)
        concerned = {rows[place][1] for place in reversals}
        standing = self._standing(concerned)
        for place, row in enumerate(rows):
            if row[1] not in concerned:
                continue
            if place in reversals:
                rows[place] = (*row[:-1], standing[_undone(row)].pop())
            else:
                standing.setdefault(row[1:10], []).append(row[0])

    def _standing(self, concerned: Collection[int]) -> dict[Place, list[int]]:
        """The postings of some accounts that are not reversed, by what they say."""
        found: dict[Place, list[int]] = {}
        for some in portions(list(concerned)):
            undone = postings.alias()
            rows = self._connection.execute(
                select(postings)
                .where(
                    among(self._connection, postings.c.account, some), postings.c.reverses.is_(None),
                    ~select(undone.c.id).where(undone.c.reverses == postings.c.id).exists(),
                )
                .order_by(postings.c.id)
            )  # fmt: skip
            for row in rows:
                found.setdefault(tuple(row[1:10]), []).append(row.id)
        return found


def _undone(row: tuple[Any, ...]) -> Place:
    """What the posting says that a reversal takes back."""
    _, account, product, subscription, kind, day, cents, currency, native, message_id, _, _ = row
    return account, product, subscription, kind, day, -cents, currency, -native, message_id


def net(made: Sequence[tuple[int, int | None, Movement]]) -> list[Movement]:
    """The movements of (id, the posting that it reverses, movement) that are not reversed."""
    undone = {reverses for _, reverses, _ in made if reverses is not None}
    return [movement for number, reverses, movement in made if reverses is None and number not in undone]
