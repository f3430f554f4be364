"""The dead letters: what was refused, byte for byte, and why. Bounded; what went is counted."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from streams.dead_letter import DeadLetter
from streams.embedded.meta import DEAD_PRUNED, Meta
from streams.embedded.settings import Settings

RAW_BYTES_MAX = 512 * 1024
"""Raw bytes kept of one letter: a whole request of the largest size allowed."""

_INSERT = "INSERT INTO dead_letters (at, reason, field, value, message, position, raw) VALUES (?, ?, ?, ?, ?, ?, ?)"


class Size(NamedTuple):
    """Letters and raw bytes kept, and letters that went because there were too many."""

    letters: int
    bytes: int
    pruned: int


class DeadLetters:
    """The table, with its size known without counting it anew."""

    def __init__(self, connection: sqlite3.Connection, meta: Meta, settings: Settings) -> None:
        self._connection = connection
        self._meta = meta
        self._count_max = settings.dead_letters_max
        self._bytes_max = settings.dead_letter_bytes_max
        row = connection.execute("SELECT count(*), coalesce(sum(length(raw)), 0) FROM dead_letters").fetchone()
        self.size = Size(int(row[0]), int(row[1]), int(meta.number(DEAD_PRUNED)))

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep them, within the transaction that is open, and let the oldest go when there are too many."""
        rows = [
            (one.at, one.reason, one.field, one.value, one.message, one.position, one.raw[:RAW_BYTES_MAX])
            for one in letters
        ]
        self._connection.executemany(_INSERT, rows)
        count, held, pruned = self.size
        self.size = Size(count + len(rows), held + sum(len(row[-1]) for row in rows), pruned)
        if self.size.letters > self._count_max or self.size.bytes > self._bytes_max:
            self._prune()

    def _prune(self) -> None:
        count, held, pruned = self.size
        last = 0
        for seq, length in self._connection.execute("SELECT seq, length(raw) FROM dead_letters ORDER BY seq"):
            if count <= self._count_max and held <= self._bytes_max:
                break
            last, count, held, pruned = seq, count - 1, held - length, pruned + 1
        self._connection.execute("DELETE FROM dead_letters WHERE seq <= ?", (last,))
        self.size = Size(count, held, pruned)
        self._meta.set(DEAD_PRUNED, str(pruned))
