"""The scores that workers published: the newest of each account, and its history."""

import sqlite3

import msgspec

from scoring.days import DAY, instant

HISTORY_S = 800 * DAY
"""How long an account's daily scores are kept, as by the embedded service."""


class Contribution(msgspec.Struct):
    """What history keeps of one."""

    metric: str
    dimension: str
    value: float | None
    unit: str
    points: float


class Published(msgspec.Struct):
    """A message of `account-health`, as far as it is searched by; what is shown is all of it."""

    account_id: str
    at: str
    score: float | None
    band: str | None
    coverage: float
    confidence: float
    stage: str
    segment: str
    profile: str
    contributions: list[Contribution]


_decode = msgspec.json.Decoder(Published).decode
_encode = msgspec.json.Encoder().encode


class Scores:
    """Written in the transaction that is open. History gets each day's last score and every change of band."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, account_id: str, value: bytes | None) -> None:
        """Show what was published now; None: the account is gone. Raises ValueError for what is no score."""
        if value is None:
            self._connection.execute("DELETE FROM health WHERE account_id = ?", (account_id,))
            return
        new = _decode(value)
        at = instant(new.at)
        if at is None or new.account_id != account_id:
            raise ValueError(f"a score of {new.account_id!r} at {new.at!r} under the key {account_id!r}")
        shown = "SELECT {} FROM health WHERE account_id = ?"
        row = self._connection.execute(shown.format("at, band"), (account_id,)).fetchone()
        if row is not None and row[0] // DAY != at // DAY:
            (body,) = self._connection.execute(shown.format("body"), (account_id,)).fetchone()
            self._remember(row[0], _decode(body))
            self._connection.execute(
                "DELETE FROM history WHERE account_id = ? AND at < ?", (account_id, at - HISTORY_S)
            )
        if row is None or row[1] != new.band:
            self._remember(at, new)
        self._connection.execute(
            "INSERT OR REPLACE INTO health VALUES (?, ?, ?, ?, ?, ?, ?)",
            (account_id, at, new.score, new.band, new.stage, new.segment, value.decode()),
        )

    def _remember(self, at: float, one: Published) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (one.account_id, at, one.score, one.band, one.coverage, one.confidence, one.profile, _sum(one)),
        )


def _sum(one: Published) -> str:
    parts = [(c.metric, c.dimension, c.value, c.unit, c.points) for c in one.contributions]
    return _encode(parts).decode()
