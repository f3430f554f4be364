"""Small facts about the store: how far the log is applied, and what with."""

import sqlite3

APPLIED = "applied"
"""Every event up to this position of the log is in the records."""

LAYOUT = "layout"
"""Signature of the records' layout: records of another one can't be read."""

PROFILE = "profile"
PLAYBOOK = "playbook"

ALIVE_AT = "alive_at"
"""When the service was last seen running, unix seconds: what lies between this and a start is our own outage."""

SOURCE_DAYS = "source_days"
"""The UTC days of the newest usage arrivals, as a JSON array: what gaps are usual for the sources."""

IDENTITY = "identity"
"""Tells this log from any other, for those who follow it: positions of another one mean nothing here."""

DEAD_PRUNED = "dead_pruned"
"""Dead letters that went because there were too many."""


class Meta:
    """Keys and values, as text."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> str | None:
        """The value, None when it was never set."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def number(self, key: str, default: float = 0.0) -> float:
        """The value as a number."""
        value = self.get(key)
        return default if value is None else float(value)

    def set(self, key: str, value: str | float) -> None:
        """Set within the transaction that is open."""
        text = value if isinstance(value, str) else repr(value)
        self._connection.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, text)
        )
