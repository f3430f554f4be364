"""The scores that a service has published, as they stood at an instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection, OperationalError
from typing import NamedTuple

from streams.embedded.meta import ALIVE_AT
from streams.embedded.schema import StoreError, open_reader
from streams.kafka.service.tables import READ_AT
from streams.kafka.service.tables import open_reader as open_model

SETTLED_S = 3_600.0
"""On Kafka, what is published so long after an instant tells of later ones: workers send within seconds, unless they
are behind."""

AT = (
    "SELECT h.account_id, CASE WHEN h.at <= :at THEN h.score ELSE (SELECT p.score FROM history p"
    " WHERE p.account_id = h.account_id AND p.at <= :at ORDER BY p.at DESC LIMIT 1) END"
    " FROM health h WHERE h.account_id > :after ORDER BY h.account_id LIMIT :limit"
)
"""Of each account the newest score up to an instant, found by the key: both stores keep what was a day's last."""


class Portion(NamedTuple):
    """Some accounts, in the order of their ids."""

    points: dict[str, float]
    """Scores (0..100) of those that had one."""
    last: str | None
    """Id of the last account that was looked at; None when there was none any more."""


class Published(NamedTuple):
    """By the service of a data directory."""

    directory: Path
    on_kafka: bool

    def until(self) -> float:
        """Scores of earlier instants are all there, unix seconds; 0 where nothing is known of that yet."""
        key, later = (READ_AT, SETTLED_S) if self.on_kafka else (ALIVE_AT, 0.0)
        try:
            with self._opened() as connection:
                row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
                return float(row[0]) - later if row else 0.0
        except (StoreError, OperationalError):
            return 0.0

    def at(self, instant: float, after: str, limit: int) -> Portion | None:
        """The scores of at most so many accounts after an id, as they stood at an instant (unix seconds), which is
        before `until`. None where the store can't be read at the moment.

        A silent account's is the last that the engine found when it looked: it looks again when a band is left, and
        else when the silence has grown by half.
        """
        try:
            with self._opened() as connection:
                rows = connection.execute(AT, {"at": instant, "after": after, "limit": limit}).fetchall()
        except (StoreError, OperationalError):
            return None
        points = {account_id: score for account_id, score in map(tuple, rows) if score is not None}
        return Portion(points, rows[-1][0] if rows else None)

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        connection = open_model(self.directory) if self.on_kafka else open_reader(self.directory)
        try:
            yield connection
        finally:
            connection.close()
