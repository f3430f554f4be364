"""How threads ask a SQLite file, and the pages that they get; for each of the read models."""

import json
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

Json = dict[str, Any]

Parts = TypeVar("Parts", bound=tuple[object, ...])


class Page(NamedTuple):
    """Some rows, and where the next ones begin; None after the last."""

    rows: list[Json]
    next: str | None


class Ranking(NamedTuple):
    """Which accounts are asked for, by their score."""

    band: str | None
    segment: str | None
    stage: str | None
    lowest_first: bool
    after: str | None
    """The `next` of the page before."""
    limit: int


class Asking:
    """One connection per thread that asks."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """connect: opens the file for reading."""
        self._connect = connect
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            with self._guard:
                self._open.append(connection)
        return connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close all connections; nobody may ask any more."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _ranked(self, columns: str, shown: Callable[[sqlite3.Row], Json], ranking: Ranking) -> Page:
        """A page of the table `health`, whose rows have these columns. ValueError for an `after` that is none."""
        where, values = ["score IS NOT NULL"], list[object]()
        for column, value in (("band", ranking.band), ("segment", ranking.segment), ("stage", ranking.stage)):
            if value is not None:
                where.append(f"{column} = ?")
                values.append(value)
        if ranking.after is not None:
            where.append(f"(score, account_id) {'>' if ranking.lowest_first else '<'} (?, ?)")
            values += cursor(ranking.after, tuple[float, str])
        order = "ASC" if ranking.lowest_first else "DESC"
        rows = self._rows(
            f"SELECT {columns} FROM health WHERE {' AND '.join(where)}"  # noqa: S608 - built of constants
            f" ORDER BY score {order}, account_id {order} LIMIT ?",
            *values, ranking.limit + 1,
        )  # fmt: skip
        found = [shown(row) for row in rows[: ranking.limit]]
        more = json.dumps([found[-1]["score"], found[-1]["account_id"]]) if len(rows) > ranking.limit else None
        return Page(found, more)


def cursor(text: str, kind: type[Parts]) -> Parts:
    """The parts of a page's `next`; ValueError when the text is none.

    >>> cursor('[61.5, "acme"]', tuple[float, str])
    (61.5, 'acme')
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:
        raise ValueError(f"not the `next` of a page: {text[:80]!r}") from None
