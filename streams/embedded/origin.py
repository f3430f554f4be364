"""The log as a source of the scorecard: read by position, from the last commit, and nobody waits for it."""

from collections.abc import Mapping
from pathlib import Path

from streams.embedded.log import COLUMNS, restore
from streams.embedded.meta import IDENTITY, Meta
from streams.embedded.schema import StoreError, open_reader
from streams.scorecard.stretch import Stretch, refuse_others
from streams.vocabulary import Vocabulary

SPAN = 5_000
"""Positions of a stretch: a transaction of about a second when all are revenue, and a read that ends soon: while one is
open, the write-ahead log can't begin anew."""


class LogOrigin:
    """Of a data directory whose service has been started at least once."""

    def __init__(self, directory: Path, vocabulary: Vocabulary, *, usage: bool) -> None:
        """usage: whether events of this stream, which are nearly all, are read. Raises StoreError."""
        self._connection = open_reader(directory)
        self._vocabulary = vocabulary
        self._only = "" if usage else " AND stream <> 'usage'"
        self._directory = directory
        identity = Meta(self._connection).get(IDENTITY)
        if identity is None:
            raise StoreError(f"{directory}: the log has no identity; start `accountpulse serve` once")
        self._name = f"log:{identity}"

    def check(self, positions: Mapping[str, int]) -> None:
        """OriginError where these are of another log."""
        refuse_others(positions, self._name, f"the log in {self._directory}")

    def read(self, positions: Mapping[str, int]) -> Stretch:
        """The next events; positions are numbers of the log's rows."""
        after = positions.get(self._name, 1) - 1
        self._connection.execute("BEGIN")
        try:
            head = self._connection.execute("SELECT max(seq) FROM log").fetchone()[0] or 0
            upto = min(head, after + SPAN)
            if upto <= after:
                return Stretch((), (), {}, 0)
            rows = self._connection.execute(
                f"SELECT seq, {COLUMNS} FROM log WHERE seq > ? AND seq <= ?{self._only} ORDER BY seq",  # noqa: S608
                (after, upto),
            ).fetchall()
        finally:
            self._connection.execute("COMMIT")
        events = restore([tuple(row)[1:] for row in rows], self._vocabulary)
        places = [(self._name, row[0] + 1) for row in rows]
        return Stretch(events, places, {self._name: upto + 1}, head - upto)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
