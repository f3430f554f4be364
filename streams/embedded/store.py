"""The store: one connection that writes, and the transactions in which everything changes together."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from streams.embedded.checkpoint import Checkpointer
from streams.embedded.dead_letters import DeadLetters
from streams.embedded.inbox import NotWritten
from streams.embedded.log import Log
from streams.embedded.meta import APPLIED, IDENTITY, Meta
from streams.embedded.outbox import Outbox
from streams.embedded.records import Records
from streams.embedded.schema import BUSY_TIMEOUT_S, StoreError, open_writer
from streams.embedded.settings import Settings
from streams.vocabulary import Vocabulary

__all__ = ["Store", "StoreError"]

PASSING = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY,
})  # fmt: skip
"""Errors of the disk or of another program: nothing was changed, and the same may succeed later."""

WAL_PAGES_MAX = 16_384
"""Length of the write-ahead log (64 MB) beyond which the writer begins it anew. Readers get slower the longer it is."""

WAL_WAIT_MS = 100
"""How long the writer waits for a reader to let it do so; it tries again a second later."""


class Store:
    """Belongs to the writer's thread. What is read here is committed or of the transaction that is open."""

    def __init__(self, directory: Path, vocabulary: Vocabulary, settings: Settings) -> None:
        """Opens the file, makes it when there is none; raises StoreError when it can't be used."""
        self._connection = open_writer(directory)
        self.checkpointer = Checkpointer(directory)
        self.meta = Meta(self._connection)
        self.applied = int(self.meta.number(APPLIED))
        """Every event up to this position of the log is in the records."""
        self.log = Log(self._connection, vocabulary, applied=self.applied)
        self.dead_letters = DeadLetters(self._connection, self.meta, settings)
        self.records = Records(self._connection, settings.history_s)
        self.outbox = Outbox(self._connection)
        self._synchronous = "FULL"
        if self.meta.get(IDENTITY) is None:
            with self.transaction():
                self.meta.set(IDENTITY, uuid4().hex)

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[None]:
        """All or nothing of what is written inside. Raises NotWritten when the disk won't take it.

        durable: on the disk before this returns. Without, it survives the death of the process but perhaps not that of
        the machine: only for what the log can make again, and that nobody outside has acted upon.
        """
        connection = self._connection
        head, letters = self.log.head, self.dead_letters.size
        try:
            wanted = "FULL" if durable else "NORMAL"
            if wanted != self._synchronous:
                connection.execute(f"PRAGMA synchronous = {wanted}")
                self._synchronous = wanted
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self.log.head = head
            self.dead_letters.size = letters
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in PASSING:
                full = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
                raise NotWritten(f"the store can't be written: {error}", full=full) from error
            raise

    def set_applied(self, position: int) -> None:
        """Move the applied position, within the transaction that stores the records it speaks of."""
        self.meta.set(APPLIED, str(position))

    def shorten(self) -> None:
        """Begin the write-ahead log anew when it has grown long; nearly all that it holds is in the file already.

        Its file keeps its length: writing over it costs the disk less than letting it grow again.
        """
        if self.checkpointer.pages > WAL_PAGES_MAX:
            self.checkpointer.pages = 0
            self._connection.execute(f"PRAGMA busy_timeout = {WAL_WAIT_MS}")
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)")
            self._connection.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")

    def close(self) -> None:
        """Move everything into the file, and close it."""
        self.checkpointer.stop()
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()
