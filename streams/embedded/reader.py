"""The read model: what anybody may ask of the store, from the last commit, without ever making the writer wait."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scoring.days import iso
from scoring.event import Event
from scoring.subject import COHORT
from streams.embedded.asking import Asking, Json, Page, Ranking, cursor
from streams.embedded.log import COLUMNS, ROWS, restore
from streams.embedded.records import Record
from streams.embedded.schema import open_reader
from streams.vocabulary import Vocabulary

HEALTH = "account_id, name, score, band, coverage, confidence, at, stage, segment, arr, parent, profile"

OF_COHORTS = f"SELECT seq, body FROM triggers WHERE seq > ? AND account_id GLOB '{COHORT}*' ORDER BY seq"  # noqa: S608
"""The triggers of cohorts after a number, in every store of triggers."""

ROUNDING_S = 1e-6
"""Instants are shown in whole microseconds: whoever asks with one that was shown means the row that showed it."""


class Snapshot(NamedTuple):
    """A score as it was published, with its sum."""

    at: float
    score: float | None
    band: str | None
    coverage: float
    confidence: float
    profile: str
    contributions: list[Json]

    def to_json(self) -> Json:
        """As a part of an answer."""
        return {**self._asdict(), "at": iso(self.at)}


class Reader(Asking):
    """What the store knows."""

    def __init__(self, directory: Path, vocabulary: Vocabulary) -> None:
        super().__init__(partial(open_reader, directory))
        self._vocabulary = vocabulary

    def accounts(self, ranking: Ranking) -> Page:
        """Accounts that have a score, by it."""
        return self._ranked(HEALTH, _account, ranking)

    def account(self, account_id: str) -> Json | None:
        """What was last published of an account."""
        rows = self._rows(f"SELECT {HEALTH} FROM health WHERE account_id = ?", account_id)  # noqa: S608 - a constant
        return _account(rows[0]) if rows else None

    def children(self, account_id: str, limit: int) -> list[Json]:
        """What was last published of the accounts that name this one as their parent."""
        rows = self._rows(
            f"SELECT {HEALTH} FROM health WHERE parent = ? ORDER BY account_id LIMIT ?",  # noqa: S608 - a constant
            account_id, limit,
        )  # fmt: skip
        return [_account(row) for row in rows]

    def record(self, account_id: str) -> Record | None:
        """The record of an account."""
        rows = self._rows("SELECT applied, record FROM records WHERE account_id = ?", account_id)
        return Record(rows[0][0], rows[0][1]) if rows else None

    def history(self, account_id: str, since: float, until: float, limit: int) -> list[Snapshot]:
        """Published scores between two instants, the newest first: each day's last, and every change of band."""
        columns = "at, score, band, coverage, confidence, profile, body"
        rows = self._rows(
            f"SELECT {columns} FROM history WHERE account_id = ? AND at >= ? AND at <= ?"  # noqa: S608 - constants
            f" UNION SELECT {columns} FROM health WHERE account_id = ? AND at >= ? AND at <= ?"
            " ORDER BY at DESC LIMIT ?",
            account_id, since, until + ROUNDING_S, account_id, since, until + ROUNDING_S, limit,
        )  # fmt: skip
        return [_snapshot(row) for row in rows]

    def episodes(self, *, account_id: str | None, phases: Sequence[str], after: str | None, limit: int) -> Page:
        """Episodes of an account, or in some phases, the newest first."""
        where, values = ["true"], list[object]()
        if account_id is not None:
            where.append("account_id = ?")
            values.append(account_id)
        if phases:
            where.append(f"phase IN ({', '.join('?' * len(phases))})")
            values += phases
        if after is not None:
            where.append("(opened_at, account_id, play) < (?, ?, ?)")
            values += cursor(after, tuple[float, str, str])
        rows = self._rows(
            f"SELECT * FROM episodes WHERE {' AND '.join(where)}"  # noqa: S608 - built of constants
            " ORDER BY opened_at DESC, account_id DESC, play DESC LIMIT ?",
            *values, limit + 1,
        )  # fmt: skip
        last = rows[limit - 1] if len(rows) > limit else None
        more = None if last is None else json.dumps([last["opened_at"], last["account_id"], last["play"]])
        return Page([_episode(row) for row in rows[:limit]], more)

    def triggers(
        self, after: int, limit: int, play: str | None = None, account_id: str | None = None
    ) -> list[tuple[int, str]]:
        """(cursor, CloudEvent as JSON text) of the triggers after a cursor, in the order in which they went out."""
        where, values = ["seq > ?"], list[object]([after])
        for column, value in (("play", play), ("account_id", account_id)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        sql = f"SELECT seq, body FROM triggers WHERE {' AND '.join(where)} ORDER BY seq LIMIT ?"  # noqa: S608 - constants
        return [(row[0], row[1]) for row in self._rows(sql, *values, limit)]

    def cohort_triggers(self, after: int) -> list[tuple[int, str]]:
        """(number, CloudEvent as JSON text) of all triggers of cohorts after a number, in the order of these."""
        return [(row[0], row[1]) for row in self._rows(OF_COHORTS, after)]

    def has_trigger(self, trigger_id: str, subject: str) -> bool:
        """Whether a trigger of that id and subject is out."""
        return bool(self._rows("SELECT 1 FROM triggers WHERE id = ? AND account_id = ?", trigger_id, subject))

    def last_trigger(self) -> int:
        """The cursor of the newest trigger; 0 when there is none."""
        return int(self._rows("SELECT coalesce(max(seq), 0) FROM triggers")[0][0])

    def dead_letters(self, after: int, limit: int, reason: str | None) -> list[sqlite3.Row]:
        """Dead letters before a cursor (0: the newest), the newest first."""
        return self._rows(
            "SELECT * FROM dead_letters WHERE (? = 0 OR seq < ?) AND (? IS NULL OR reason = ?)"
            " ORDER BY seq DESC LIMIT ?",
            after, after, reason, reason, limit,
        )  # fmt: skip

    def dead_letter_counts(self) -> Json:
        """How many are kept, by reason, and how many went because there were too many."""
        kept = {row[0]: row[1] for row in self._rows("SELECT reason, count(*) FROM dead_letters GROUP BY reason")}
        pruned = self._rows("SELECT value FROM meta WHERE key = 'dead_pruned'")
        return {"kept": kept, "pruned": int(pruned[0][0]) if pruned else 0}

    def arrivals(self, account_id: str, since: float, until: float, kinds: int) -> list[sqlite3.Row]:
        """What arrived of an account between two instants: stream, name, count, users, first, last; by frequency."""
        return self._rows(
            "SELECT stream, name, count(*) AS count, min(at) AS first, max(at) AS last,"
            " count(DISTINCT json_extract(CAST(body AS TEXT), '$.userId')) AS users"
            " FROM log WHERE account_id = ? AND arrived > ? AND arrived <= ?"
            " GROUP BY stream, name ORDER BY count DESC, name LIMIT ?",
            account_id, since, until, kinds,
        )  # fmt: skip

    def events(self, account_id: str) -> Iterator[Event]:
        """Every event of an account that the log still holds, in the order of their arrival."""
        after = 0.0, 0
        while True:
            rows = self._rows(
                f"SELECT {COLUMNS}, seq FROM log WHERE account_id = ? AND (arrived, seq) > (?, ?)"  # noqa: S608
                " ORDER BY arrived, seq LIMIT ?",
                account_id, *after, ROWS,
            )  # fmt: skip
            yield from restore([tuple(row)[:-1] for row in rows], self._vocabulary)
            if len(rows) < ROWS:
                return
            after = rows[-1]["arrived"], rows[-1]["seq"]

    def newest_events(self, account_id: str, since: float, until: float, limit: int) -> list[Json]:
        """The newest events of an account that arrived between two instants."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM log WHERE account_id = ? AND arrived > ? AND arrived <= ?"  # noqa: S608 - a constant
            " ORDER BY arrived DESC, seq DESC LIMIT ?",
            account_id, since, until, limit,
        )  # fmt: skip
        events = restore([tuple(row) for row in rows], self._vocabulary)
        return [{**event.to_dict(), "at": iso(event.at), "arrived": iso(event.arrived)} for event in events]


def _account(row: sqlite3.Row) -> Json:
    return {**dict(row), "at": iso(row["at"])}


def _snapshot(row: sqlite3.Row) -> Snapshot:
    keys = ("metric", "dimension", "value", "unit", "points")
    contributions = [dict(zip(keys, one, strict=True)) for one in json.loads(row["body"])]
    return Snapshot(
        row["at"], row["score"], row["band"], row["coverage"], row["confidence"], row["profile"], contributions
    )


def _episode(row: sqlite3.Row) -> Json:
    moves = [{"phase": phase, "at": iso(at), "reason": reason} for phase, at, reason in json.loads(row["moves"])]
    closed_at = row["closed_at"]
    return {
        **dict(row), "since": iso(row["since"]), "opened_at": iso(row["opened_at"]),
        "closed_at": None if closed_at is None else iso(closed_at), "moves": moves,
    }  # fmt: skip
