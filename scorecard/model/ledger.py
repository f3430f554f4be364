"""The ledger's rows: postings, which are only ever added, and what else events leave behind."""

from collections.abc import Collection, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from scorecard.book import Change
from scorecard.issue import Issue
from scorecard.model.database import Database
from scorecard.model.rows import Taken
from scorecard.model.tables import EPOCH, day_number, dealings, issues, postings, spends, touchpoints, traits
from scorecard.model.upsert import among, portions
from scorecard.movement import Movement, Posting
from scorecard.traits import Said
from scoring.event import Event

Row = tuple[Any, ...]

Place = tuple[Any, ...]
"""What a posting says: all columns between id and known_at."""

EPOCH_ORDINAL = EPOCH.toordinal()


class Ledger:
    """Of one transaction: rows are gathered, and written some thousands together."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection
        tables = postings, touchpoints, traits, spends, dealings, issues
        self._numbers = {table: count(self._next(table)) for table in tables}
        self._rows: dict[Table, list[Row]] = {table: [] for table in tables}
        self._reversals: list[int] = []
        """Places of the postings that take others back."""
        self._settled: list[tuple[int, Issue, float]] = []
        self.taken = Taken(0, 0, 0)
        """What was written."""

    @property
    def waiting(self) -> int:
        """Rows of the largest kinds that are not written yet."""
        return len(self._rows[postings]) + len(self._rows[traits])

    def add(self, account: int, change: Change, known_at: float) -> None:
        """What an event did to the book of an account."""
        made, arisen, settled, _, touchpoint, spend, dealing, _ = change
        if made:
            self._post(account, made)
        if touchpoint is not None:
            self._put(touchpoints, account, *touchpoint[1:], known_at)
        if spend is not None:
            _, motion, on, cents, message_id = spend
            self._put(spends, account, motion, day_number(on), cents, message_id, known_at)
        if dealing is not None:
            self._put(dealings, account, *dealing[1:], known_at)
        for issue in arisen:
            self._put(issues, account, *issue[1:], known_at, None)
        for issue in settled:
            self._settled.append((account, issue, known_at))

    def holds(self, account: int, event: Event) -> bool:
        """Whether the touchpoint that an event tells of is in the tables already, whichever its time."""
        where = touchpoints.c.account == account, touchpoints.c.message_id == event.message_id
        return self._connection.execute(select(touchpoints.c.id).where(*where).limit(1)).first() is not None

    def describe(self, account: int, said: Sequence[Said], event: Event) -> None:
        """What an event said of an account."""
        rows, numbers = self._rows[traits], self._numbers[traits]
        at, message_id, known_at = event.at, event.message_id, event.arrived
        for name, value in said:
            if value is not None:
                rows.append((next(numbers), account, name, value, at, message_id, known_at))

    def _post(self, account: int, made: Sequence[Posting]) -> None:
        rows, numbers = self._rows[postings], self._numbers[postings]
        for movement, posted_at, reverses in made:
            if reverses:
                self._reversals.append(len(rows))
            _, product, subscription, kind, on, cents, currency, native, message_id = movement
            rows.append(
                (next(numbers), account, product, subscription, kind._value_, on.toordinal() - EPOCH_ORDINAL, cents,
                 currency, native, message_id, posted_at)
            )  # fmt: skip

    def _put(self, table: Table, *values: Any) -> None:
        self._rows[table].append((next(self._numbers[table]), *values))

    def write(self) -> None:
        """Put what was gathered into the tables: all of an account's, since it may take back what it says itself."""
        if self._reversals:
            self._resolve()
        made = (len(self._rows[table]) for table in (postings, touchpoints, issues))
        self.taken = Taken(*map(int.__add__, self.taken, made))
        for table, rows in self._rows.items():
            self._database.append(self._connection, table, rows)
            rows.clear()
        for account, issue, known_at in self._settled:
            self._connection.execute(
                update(issues)
                .where(
                    issues.c.account == account, issues.c.message_id == issue.message_id,
                    issues.c.reason == issue.reason, issues.c.field == issue.field, issues.c.settled_at.is_(None),
                    issues.c.message == issue.message,  # it may stand against something else from now on
                )
                .values(settled_at=known_at)
            )  # fmt: skip
        self._reversals.clear()
        self._settled.clear()

    def _next(self, table: Table) -> int:
        return (self._connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1

    def _resolve(self) -> None:
        """Find, for each reversal, the posting that it takes back: one from before, or one of this transaction. All
        rows have that column then.
        """
        rows, reversals = self._rows[postings], set(self._reversals)
        concerned = {rows[place][1] for place in reversals}
        standing = self._standing(concerned)
        for place, row in enumerate(rows):
            undone: int | None = None
            if place in reversals:
                undone = standing[_undone(row)].pop()
            elif row[1] in concerned:
                standing.setdefault(row[1:10], []).append(row[0])
            rows[place] = (*row, undone)

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
    _, account, product, subscription, kind, day, cents, currency, native, message_id, _ = row
    return account, product, subscription, kind, day, -cents, currency, -native, message_id


def net(made: Sequence[tuple[int, int | None, Movement]]) -> list[Movement]:
    """The movements of (id, the posting that it reverses, movement) that are not reversed."""
    undone = {reverses for _, reverses, _ in made if reverses is not None}
    return [movement for number, reverses, movement in made if reverses is None and number not in undone]
