"""Many rows into a table with few statements."""

import sqlite3
from collections.abc import Sequence
from itertools import chain

ROWS = 48
"""Rows of a statement. The interpreter's lock is given up and taken again with every statement: row by row, a writer
that competes with the decoding of requests takes twice as long. More rows save nothing more, and the oldest SQLite that
Python 3.11 may come with allows 999 parameters."""


class Bulk:
    """An INSERT of so many columns; `conflict` stands before INTO, `then` after the rows."""

    def __init__(self, table: str, columns: int, *, conflict: str = "", then: str = "") -> None:
        row = f"({', '.join('?' * columns)})"
        head = f"INSERT {conflict} INTO {table} VALUES "  # noqa: S608 - all of it is written in this package
        tail = f" {then}" if then else ""
        self._one = f"{head}{row}{tail}"
        self._many = f"{head}{', '.join([row] * ROWS)}{tail}"

    def insert(self, connection: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> None:
        """Write the rows, in their order, within the transaction that is open."""
        whole = len(rows) - len(rows) % ROWS
        for start in range(0, whole, ROWS):
            connection.execute(self._many, list(chain.from_iterable(rows[start : start + ROWS])))
        if whole < len(rows):
            connection.executemany(self._one, rows[whole:])
