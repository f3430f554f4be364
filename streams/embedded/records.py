"""The account records and what is published of them: the health table and its history."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from scoring.account import Account
from scoring.days import DAY
from scoring.score import Score
from streams.embedded.bulk import Bulk

_encode = msgspec.json.Encoder().encode

NEVER = float("inf")

_RECORDS = Bulk(
    "records", 4, then="ON CONFLICT (account_id) DO UPDATE SET"
    " applied = excluded.applied, deadline = excluded.deadline, record = excluded.record",
)  # fmt: skip
_HEALTH = Bulk("health", 13, conflict="OR REPLACE")

NAME_CHARACTERS_MAX = 200
"""Characters of an account's name and of its parent's id that the read model keeps."""


class Record(NamedTuple):
    """A stored record: the position of the last event in it, and its bytes."""

    applied: int
    packed: bytes


class Standing(NamedTuple):
    """A record to be stored. deadline: unix seconds, infinite when time alone changes nothing."""

    account_id: str
    applied: int
    deadline: float
    packed: bytes


class Described(NamedTuple):
    """What an account is shown and found by besides its score."""

    name: str | None
    arr: float | None
    parent: str | None
    stage: str
    segment: str


class Published(NamedTuple):
    """A score to be shown, with what the account is found by."""

    score: Score
    described: Described


class Records:
    """Both are written in the transaction that is open."""

    def __init__(self, connection: sqlite3.Connection, history_s: float) -> None:
        self._connection = connection
        self._history_s = history_s

    def load(self, account_ids: Sequence[str]) -> dict[str, Record]:
        """The stored records among these accounts."""
        rows = self._connection.execute(
            "SELECT account_id, applied, record FROM records WHERE account_id IN (SELECT value FROM json_each(?))",
            (_encode(account_ids).decode(),),
        )
        return {account_id: Record(applied, packed) for account_id, applied, packed in rows}

    def all(self) -> Iterator[tuple[str, Record]]:
        """Every stored record. The accounts are listed first, so the records may be changed meanwhile."""
        accounts = self._connection.execute("SELECT account_id FROM records").fetchall()
        for (account_id,) in accounts:
            yield from self.load([account_id]).items()

    def sample(self, limit: int) -> list[bytes]:
        """The packed records of so many accounts, drawn at random; all of them where there are fewer."""
        rows = self._connection.execute(
            "SELECT record FROM records WHERE rowid IN (SELECT rowid FROM records ORDER BY random() LIMIT ?)", (limit,)
        )
        return [packed for (packed,) in rows]

    def hasten(self, deadline: float) -> None:
        """Make every account due at an instant."""
        self._connection.execute("UPDATE records SET deadline = ?", (deadline,))

    def due(self, now: float, limit: int) -> list[str]:
        """Accounts whose deadline is over, the longest due first. Costs what is due, not what exists."""
        rows = self._connection.execute(
            "SELECT account_id FROM records WHERE deadline <= ? ORDER BY deadline LIMIT ?", (now, limit)
        )
        return [row[0] for row in rows]

    def save(self, standings: Iterable[Standing]) -> None:
        """Store records."""
        rows = [(s.account_id, s.applied, s.deadline if s.deadline < NEVER else None, s.packed) for s in standings]
        _RECORDS.insert(self._connection, rows)

    def publish(self, published: Sequence[Published]) -> None:
        """Show these scores. The history gets what was a day's last, and every change of band."""
        shown = self._shown([one.score.account_id for one in published])
        turned, changed = [], []
        for score in (one.score for one in published):
            at, band = shown.get(score.account_id, (score.at, None))
            if score.at // DAY != at // DAY:
                turned.append(score.account_id)
            if score.band != band:
                changed.append(score.account_id)
        self._remember(turned)
        _HEALTH.insert(self._connection, [_row(one) for one in published])
        self._remember(changed)
        for score in (one.score for one in published if one.score.account_id in turned):
            self._connection.execute(
                "DELETE FROM history WHERE account_id = ? AND at < ?", (score.account_id, score.at - self._history_s)
            )

    def describe(self, described: Iterable[tuple[str, Described]]) -> None:
        """Show what accounts are found by, where their scores stayed as they were."""
        self._connection.executemany(
            "UPDATE health SET name = ?, arr = ?, parent = ?, stage = ?, segment = ? WHERE account_id = ?",
            [(*one, account_id) for account_id, one in described],
        )

    def _shown(self, account_ids: Sequence[str]) -> Mapping[str, tuple[float, str | None]]:
        rows = self._connection.execute(
            "SELECT account_id, at, band FROM health WHERE account_id IN (SELECT value FROM json_each(?))",
            (_encode(account_ids).decode(),),
        )
        return {account_id: (at, band) for account_id, at, band in rows}

    def _remember(self, account_ids: Sequence[str]) -> None:
        """Copy the rows that are shown now to the history."""
        if account_ids:
            self._connection.execute(
                "INSERT OR REPLACE INTO history SELECT account_id, at, score, band, coverage, confidence, profile, body"
                " FROM health WHERE account_id IN (SELECT value FROM json_each(?))",
                (_encode(account_ids).decode(),),
            )


def _row(published: Published) -> tuple[object, ...]:
    score, (name, arr, parent, stage, segment) = published
    return (
        score.account_id, score.at, score.score, score.band, score.coverage, score.confidence, stage, segment,
        name, arr, parent, score.profile, contributions(score),
    )  # fmt: skip


def contributions(score: Score) -> bytes:
    """The score's sum as it is kept: JSON rows of metric, dimension, value, unit, points."""
    return _encode([(c.metric, c.dimension, c.value, c.unit, c.points) for c in score.contributions])


def text(account: Account, trait: str) -> str | None:
    """A trait that lists are searched by."""
    value = account.trait(trait)
    return None if value in (None, "") else str(value)[:NAME_CHARACTERS_MAX]
