"""The log: every event that was acknowledged, once, in the order in which it got to the disk."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scoring.event import Event
from streams.embedded.bulk import Bulk
from streams.embedded.inbox import Entry
from streams.vocabulary import Vocabulary
from streams.wire import decode

_LOG = Bulk("log", 9, conflict="OR IGNORE")


COLUMNS = "message_id, account_id, stream, name, at, arrived, body"
"""What `restore` makes an event of."""

ROWS = 1_000
"""Events of an account read at a time."""

Row = tuple[str, str, str, str, float, float, bytes]

logger = logging.getLogger(__name__)


class Logged(NamedTuple):
    """An event and its position in the log."""

    seq: int
    event: Event


class Log:
    """Positions only ever grow; a duplicate leaves a gap."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary, *, applied: int) -> None:
        self._connection = connection
        self._vocabulary = vocabulary
        newest = connection.execute("SELECT max(seq) FROM log").fetchone()[0]
        self.head = max(newest or 0, applied)

    def append(self, entries: Sequence[Entry]) -> list[Logged]:
        """Write, within the transaction that is open, those whose message id is not in the log; these are returned."""
        first = self.head + 1
        logged = [Logged(seq, entry.event) for seq, entry in enumerate(entries, first)]
        rows = [
            (seq, e.message_id, e.account_id, e.stream, e.name, e.at, e.arrived, bound, raw)
            for seq, (e, raw, bound) in enumerate(entries, first)
        ]
        before = self._connection.total_changes
        _LOG.insert(self._connection, rows)
        self.head += len(rows)
        if self._connection.total_changes - before == len(rows):
            return logged
        new = {row[0] for row in self._connection.execute("SELECT seq FROM log WHERE seq >= ?", (first,))}
        return [one for one in logged if one.seq in new]

    def read(self, after: int, limit: int) -> tuple[list[Logged], int]:
        """The next events after a position, as they were accepted, and the position that follows them."""
        rows = self._connection.execute(
            f"SELECT seq, {COLUMNS} FROM log WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608 - a constant
            (after, limit),
        ).fetchall()
        events = restore([row[1:] for row in rows], self._vocabulary)
        logged = [Logged(row[0], event) for row, event in zip(rows, events, strict=True)]
        return logged, rows[-1][0] if len(rows) == limit else self.head

    def of_account(self, account_id: str, upto: int) -> Iterator[Event]:
        """An account's events up to a position, in the order of their arrival."""
        after = 0.0, 0
        while True:
            rows = self._connection.execute(
                f"SELECT seq, {COLUMNS} FROM log WHERE account_id = ? AND (arrived, seq) > (?, ?) AND seq <= ?"  # noqa: S608
                " ORDER BY arrived, seq LIMIT ?",
                (account_id, *after, upto, ROWS),
            ).fetchall()
            yield from restore([row[1:] for row in rows], self._vocabulary)
            if len(rows) < ROWS:
                return
            after = rows[-1][6], rows[-1][0]

    def prune(self, before: float, limit: int) -> int:
        """Let go of those of the oldest `limit` events that arrived before an instant; how many went."""
        last = self._connection.execute(
            "SELECT max(seq) FROM (SELECT seq, arrived FROM log ORDER BY seq LIMIT ?) WHERE arrived < ?",
            (limit, before),
        ).fetchone()[0]
        return 0 if last is None else self._connection.execute("DELETE FROM log WHERE seq <= ?", (last,)).rowcount


def restore(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Event]:
    """The events of some rows of the log (COLUMNS), as they were accepted: what the columns say wins over the bytes."""
    bodies = [row[6] for row in rows]
    now = max((row[5] for row in rows), default=0.0)
    decoded = decode(bodies, vocabulary=vocabulary, now=now, live=True)
    if len(decoded.events) != len(rows):
        return [_restore(row, vocabulary) for row in rows]
    return [_as_accepted(row, event) for row, event in zip(rows, decoded.events, strict=True)]


def _restore(row: Row, vocabulary: Vocabulary) -> Event:
    decoded = decode([row[6]], vocabulary=vocabulary, now=row[5], live=True)
    if decoded.events:
        return _as_accepted(row, decoded.events[0])
    # Only after an upgrade: an earlier version accepted what this one does not. It was acknowledged, so it counts.
    logger.warning("event %r of account %r is read without its properties", row[0], row[1])
    return _as_accepted(row, Event("", "", "", 0.0, 0.0, "", None, {}))


def _as_accepted(row: Row, event: Event) -> Event:
    message_id, account_id, stream, name, at, arrived, _ = row
    return Event(account_id, stream, name, at, arrived, message_id, event.user_id, event.properties)
