"""Episodes and the triggers that they made, in the order in which subscribers get them."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from plays.episode import LIVE, Move

_encode = msgspec.json.Encoder().encode

ENDED = frozenset({"spent", "closed"})
"""Phases of an episode that people are done with."""

MOVES_MAX = 50
"""Moves kept of one episode; its phases are few, so only a play that flaps between them has more."""


class Outbox:
    """Both are written in the transaction that is open. A trigger that is there already stays as it is: its id is the
    same when the log is applied again after a crash."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, triggers: Sequence[Mapping[str, Any]], at: float) -> list[Mapping[str, Any]]:
        """Put triggers out; those that are new are returned."""
        new = []
        for trigger in triggers:
            row = (trigger["id"], trigger["subject"], trigger["data"]["play"], at, _encode(trigger).decode())
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO triggers (id, account_id, play, at, body) VALUES (?, ?, ?, ?, ?)", row
            )
            if cursor.rowcount:
                new.append(trigger)
        return new

    def prune(self, before: float, limit: int) -> int:
        """Let go of those of the oldest `limit` triggers that are from before an instant; how many went."""
        last = self._connection.execute(
            "SELECT max(seq) FROM (SELECT seq, at FROM triggers ORDER BY seq LIMIT ?) WHERE at < ?", (limit, before)
        ).fetchone()[0]
        return 0 if last is None else self._connection.execute("DELETE FROM triggers WHERE seq <= ?", (last,)).rowcount

    def move(self, account_id: str, moves: Sequence[Move]) -> None:
        """Show where episodes are, from their opening to their end; else it is only a condition watched."""
        for move in moves:
            if move.to_phase in LIVE or move.to_phase in ENDED:
                self._move((account_id, move.play, move.number), move)

    def _move(self, key: tuple[str, str, int], move: Move) -> None:
        if move.opens:
            self._connection.execute(
                "INSERT OR IGNORE INTO episodes VALUES (?, ?, ?, ?, ?, ?, NULL, ?, '[]')",
                (*key, move.to_phase, move.at, move.at, move.reason),
            )
        step = _encode([move.to_phase, move.at, move.reason]).decode()
        self._connection.execute(
            "UPDATE episodes SET phase = ?, since = ?, reason = ?, closed_at = coalesce(closed_at, ?),"
            " moves = CASE WHEN json_array_length(moves) < ? THEN json_insert(moves, '$[#]', json(?)) ELSE moves END"
            " WHERE account_id = ? AND play = ? AND number = ?",
            (
                move.to_phase, move.at, move.reason, move.at if move.to_phase in ENDED else None, MOVES_MAX, step, *key,
            ),
        )  # fmt: skip
