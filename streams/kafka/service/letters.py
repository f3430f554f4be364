"""The dead letters of the read model: the newest ones, within bounds."""

import sqlite3

import msgspec

LETTERS_MAX = 100_000
BYTES_MAX = 256 * 1024 * 1024
"""As by the embedded service; all of them are in the topic."""

POSTED = "POST "
"""The position of what came over HTTP begins so. It says which call it was, not which letter: others are told apart by
their position, since a worker may send the same letter again after a crash, and by their time: in a topic that was made
anew, positions begin again."""


class Letter(msgspec.Struct):
    """A message of `dead-letters`, as far as it is searched by; what is shown is all of it."""

    reason: str
    position: str
    at: str | None = None


_decode = msgspec.json.Decoder(Letter).decode


class Letters:
    """Written in the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._measure()

    def add(self, place: str, value: bytes) -> None:
        """Keep one that stands at a place of its topic. Raises ValueError for what is no dead letter."""
        letter = _decode(value)
        known_by = place if letter.position.startswith(POSTED) else f"{letter.position} {letter.at}"
        added = self._connection.execute(
            "INSERT OR IGNORE INTO dead_letters (place, reason, body) VALUES (?, ?, ?)",
            (known_by, letter.reason, value.decode()),
        ).rowcount
        self._count += added
        self._bytes += added * len(value)

    def prune(self) -> None:
        """Let the oldest go when there are too many."""
        last = None
        rows = self._connection.execute("SELECT seq, length(CAST(body AS BLOB)) FROM dead_letters ORDER BY seq")
        while self._count > LETTERS_MAX or self._bytes > BYTES_MAX:
            last, size = rows.fetchone()
            self._count -= 1
            self._bytes -= size
        if last is not None:
            self._connection.execute("DELETE FROM dead_letters WHERE seq <= ?", (last,))

    def _measure(self) -> None:
        self._count, self._bytes = self._connection.execute(
            "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0) FROM dead_letters"
        ).fetchone()

    def forget(self) -> None:
        """After a transaction that was undone: look again how much there is."""
        self._measure()
