"""Moves what is in the write-ahead log into the database file, off the writer's path."""

import logging
import sqlite3
import threading
from pathlib import Path

from streams.embedded.schema import BUSY_TIMEOUT_S, FILE_NAME

EVERY_S = 1.0
"""A second's writes are some megabytes: small enough to move in passing."""

logger = logging.getLogger(__name__)


class Checkpointer:
    """A thread with a connection of its own. A passive checkpoint waits for nobody, and nobody for it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self.pages = 0
        """Length of the write-ahead log. It begins anew once a checkpoint finds nobody writing; see Store.shorten."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
        try:
            failing = False
            while not self._stop.wait(EVERY_S):
                try:
                    self.pages = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
                    failing = False
                except sqlite3.OperationalError as error:
                    if not failing:
                        logger.warning("checkpoint failed, trying again every second: %s", error)
                    failing = True
        finally:
            connection.close()
