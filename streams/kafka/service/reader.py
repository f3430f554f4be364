"""What anybody may ask of the read model, from the last commit, without ever making the writer wait."""

import json
import sqlite3
from functools import partial
from pathlib import Path

from streams.embedded.asking import Asking, Json, Page, Ranking
from streams.embedded.reader import OF_COHORTS, ROUNDING_S, Snapshot
from streams.kafka.service.cursor import form, parse
from streams.kafka.service.tables import open_reader
from streams.kafka.topics import TRIGGERS

ROW = ("account_id", "score", "band", "coverage", "confidence", "at", "stage", "segment", "profile")
"""Of a list of accounts."""

CONTRIBUTION = ("metric", "dimension", "value", "unit", "points")


class Reader(Asking):
    """What came through the output topics."""

    def __init__(self, directory: Path) -> None:
        super().__init__(partial(open_reader, directory))

    def accounts(self, ranking: Ranking) -> Page:
        """Accounts that have a score, by it. ValueError for a page's end that is none."""
        return self._ranked("body", lambda row: row_of(json.loads(row["body"])), ranking)

    def account(self, account_id: str) -> Json | None:
        """What was last published of an account, all of it."""
        rows = self._rows("SELECT body FROM health WHERE account_id = ?", account_id)
        published: Json | None = json.loads(rows[0]["body"]) if rows else None
        return published

    def history(self, account_id: str, since: float, until: float, limit: int) -> list[Snapshot]:
        """Published scores between two instants, the newest first: each day's last, and every change of band."""
        until += ROUNDING_S
        rows = self._rows(
            "SELECT * FROM history WHERE account_id = ? AND at >= ? AND at <= ? ORDER BY at DESC LIMIT ?",
            account_id, since, until, limit,
        )  # fmt: skip
        found = [
            Snapshot(
                row["at"], row["score"], row["band"], row["coverage"], row["confidence"], row["profile"],
                [dict(zip(CONTRIBUTION, one, strict=True)) for one in json.loads(row["body"])],
            )
            for row in rows
        ]  # fmt: skip
        newest = self._rows("SELECT at, body FROM health WHERE account_id = ? AND at BETWEEN ? AND ?",
                            account_id, since, until)  # fmt: skip
        for row in newest:
            if all(one.at != row["at"] for one in found):
                found = [_snapshot(row["at"], json.loads(row["body"])), *found]
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    def triggers(self, after: str, limit: int, play: str | None, account_id: str | None) -> list[tuple[str, str]]:
        """(the cursor after it, CloudEvent as JSON text) of the triggers after a cursor, in the order in which they
        were read. ValueError when it is no cursor.
        """
        places = parse(after)
        where, values = ["partition = ?", "offset >= ?"], list[object]()
        for column, value in (("play", play), ("account_id", account_id)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        sql = (
            f"SELECT seq, partition, offset, body FROM triggers WHERE {' AND '.join(where)}"  # noqa: S608 - constants
            " ORDER BY offset LIMIT ?"
        )
        rows: list[sqlite3.Row] = []
        for partition, end in self._ends().items():
            begin = places.get(partition, 0)
            if begin < end:
                rows += self._rows(sql, partition, begin, *values, limit)
        found = []
        for row in sorted(rows, key=lambda one: int(one["seq"]))[:limit]:
            places[row["partition"]] = row["offset"] + 1
            found.append((form(places), row["body"]))
        return found

    def cohort_triggers(self, after: int) -> list[tuple[int, str]]:
        """(number, CloudEvent as JSON text) of all triggers of cohorts after a number, in the order of these."""
        return [(row[0], row[1]) for row in self._rows(OF_COHORTS, after)]

    def last_trigger(self) -> str:
        """The cursor after all that was read."""
        return form(self._ends())

    def _ends(self) -> dict[int, int]:
        return dict(self._rows("SELECT partition, next FROM places WHERE topic = ?", TRIGGERS))  # type: ignore[arg-type]

    def dead_letters(self, before: int, limit: int, reason: str | None) -> list[Json]:
        """Dead letters before a cursor (0: the newest), the newest first."""
        rows = self._rows(
            "SELECT seq, body FROM dead_letters WHERE (? = 0 OR seq < ?) AND (? IS NULL OR reason = ?)"
            " ORDER BY seq DESC LIMIT ?",
            before, before, reason, reason, limit,
        )  # fmt: skip
        return [{"seq": row["seq"], **json.loads(row["body"])} for row in rows]

    def dead_letter_counts(self) -> dict[str, int]:
        """How many are kept, by reason."""
        return {row[0]: row[1] for row in self._rows("SELECT reason, count(*) FROM dead_letters GROUP BY reason")}


def row_of(published: Json) -> Json:
    """What a list shows of a published score."""
    return {key: published[key] for key in ROW}


def _snapshot(at: float, published: Json) -> Snapshot:
    parts = [{key: one[key] for key in CONTRIBUTION} for one in published["contributions"]]
    return Snapshot(
        at, published["score"], published["band"], published["coverage"], published["confidence"],
        published["profile"], parts,
    )  # fmt: skip
