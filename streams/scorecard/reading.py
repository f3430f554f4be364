"""The service's side of the read model: opened when somebody first asks, and read by any number of threads."""

import threading
from contextlib import suppress
from functools import partial

from scorecard.model.database import Database, DatabaseError
from scorecard.report.source import Source
from streams.scorecard.health import of_directory
from streams.scorecard.opening import source
from streams.scorecard.order import Order


class Reading:
    """Leaves computing and feeding to the process that was ordered."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._guard = threading.Lock()
        self._database: Database | None = None
        self._source: Source | None = None

    def __call__(self) -> Source:
        """The read model. Raises DatabaseError while it can't be opened."""
        with self._guard:
            if self._source is None:
                order = self._order
                database = Database(order.place)
                try:
                    health = partial(of_directory, order.directory, on_kafka=order.topics is not None)
                    self._source = source(database, order.settings, health, computes=False)
                except BaseException:
                    database.close()
                    raise
                self._database = database
            return self._source

    def close(self) -> None:
        """Let go of the database; nobody may ask any more."""
        with self._guard, suppress(DatabaseError):
            if self._database is not None:
                self._database.close()
