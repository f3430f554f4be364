"""Where the read model lives: a SQLite file by default, a PostgreSQL database when one is configured."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, InterfaceError, OperationalError

FILE_NAME = "scorecard.db"
"""Beside the embedded store, and not in it: SQLite has one writer a file, and intake waits for nobody."""

CACHE_KIB = 65_536
"""SQLite's page cache of a connection: the ledger's index by account is hit at random, and what a large transaction has
changed of the books lies there until it is committed."""

WAL_PAGES = 65_536
"""Pages (256 MB) of SQLite's write-ahead log before they are moved into the file: a book that is written again and
again while a history is read in is not moved each time.
"""

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another one. The longest transaction sets up a period for all accounts: seconds."""

LOCK = 0x61707363
"""Number of PostgreSQL's advisory lock, one writer at a time: the bytes of "apsc"."""

CONNECTIONS_MAX = 8
"""Connections of one process to PostgreSQL: its threads that answer, and its writer."""


BROKEN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
"""SQLite's codes for a file that is no database, or one no more."""


class DatabaseError(RuntimeError):
    """The database can't be used as it is; the message says what to do, and shows no password."""


class Unavailable(DatabaseError):
    """It is away, or takes nothing at the moment: nothing was changed, and the same may succeed later."""


class NotStorable(ValueError):
    """A value that the database can't hold, and never will: nothing was changed, and without it the rest succeeds."""


class Database:
    """Connections to one read model; safe to use from several threads."""

    def __init__(self, where: Path | str) -> None:
        """`where`: a SQLite file, or a URL such as postgresql://user:password@host/name. Raises DatabaseError."""
        url = _url(where)
        self.name = url.render_as_string(hide_password=True)
        """For logs: without the password."""
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        driver = self._engine.dialect.loaded_dbapi
        # `append` speaks with the driver itself, whose errors come as they are
        self._away = OperationalError, InterfaceError, driver.OperationalError, driver.InterfaceError
        self._unfit = DataError, driver.DataError, UnicodeEncodeError
        self._closed = False

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """A transaction that sees and changes everything alone; rolled back when it raises. Raises Unavailable, and
        NotStorable.

        durable: on the disk before this returns. Without, SQLite's survives the death of the process but perhaps not
        that of the machine: only for what the events can make again, and that nobody outside has acted upon.
        """
        with self._begun("BEGIN IMMEDIATE", "FULL" if durable else "NORMAL") as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", (LOCK,))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One moment of the database, however many statements; waits for no writer. Raises Unavailable."""
        with self._begun("BEGIN") as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def _begun(self, begin: str, synchronous: str = "NORMAL") -> Iterator[Connection]:
        if self._closed:  # who waits for a period, or goes on asking, ends with the service
            raise Unavailable(f"{self.name}: closed")
        try:
            connected = self._engine.connect().execution_options(begin=begin, synchronous=synchronous)
            with connected as connection, connection.begin():
                yield connection
        except self._away as error:
            raise Unavailable(f"{self.name}: {_told(error)}") from error
        except self._unfit as error:
            raise NotStorable(_told(error)) from error
        except DBAPIError as error:
            if not isinstance(error.orig, sqlite3.DatabaseError) or error.orig.sqlite_errorcode not in BROKEN:
                raise
            raise DatabaseError(f"{self.name}: {error.orig}; remove it, and the figures are made anew") from error

    def append(self, connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
        """Insert many rows, by the fastest way that the database has: each a value for every column in their order, but
        for the last ones where these are empty in all rows, since the driver of SQLite takes half a microsecond for an
        empty value.
        """
        if not rows:
            return
        columns = list(table.columns)[: len(rows[0])]
        names = ", ".join(f'"{column.name}"' for column in columns)
        if self.is_sqlite:
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - our names
            connection.exec_driver_sql(insert, rows)
            return
        cursor = connection.connection.cursor()
        try:
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        finally:
            cursor.close()

    def replace(self, connection: Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
        """The same for rows whose keys may be there already: the new ones stay. The key is the first column."""
        if not rows:
            return
        key, *others = (f'"{column.name}"' for column in table.columns)
        mark = "?" if self.is_sqlite else "%s"
        changed = ", ".join(f"{name} = excluded.{name}" for name in others)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} VALUES ({', '.join([mark] * len(table.columns))})"  # noqa: S608 - our names
            f" ON CONFLICT ({key}) DO UPDATE SET {changed}",
            rows,
        )

    def close(self) -> None:
        """Let go of all connections. What is asked from now on is Unavailable."""
        self._closed = True
        self._engine.dispose()


def _told(error: Exception) -> str:
    """What the driver says."""
    return str(getattr(error, "orig", None) or error).strip()


def check_url(text: str) -> None:
    """DatabaseError, which names no password, unless the text is the URL of a database that we know."""
    _url(text)


def _url(where: Path | str) -> URL:
    if isinstance(where, Path):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError:
        raise DatabaseError(
            "the scorecard's database is no URL; write postgresql://user:password@host/name, or sqlite:///file"
        ) from None
    if "password" in url.query:
        raise DatabaseError("the scorecard's database: write the password before the @, where logs leave it out")
    backend = url.get_backend_name()
    if backend == "sqlite":
        return url
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise DatabaseError(f"the scorecard's database: {backend!r} is not known; allowed: postgresql, sqlite")


def _sqlite(url: URL) -> Engine:
    # No implicit transactions of the driver's: every BEGIN is written out, below.
    # Errors name no values: they are about persons, and logs are for everybody.
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None, "check_same_thread": False},
        hide_parameters=True,
    )  # fmt: skip

    def opened(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # What a machine loses when its power goes is taken in again: positions go with what they stand for.
        connection.exec_driver_sql(f"PRAGMA synchronous = {options.get('synchronous', 'NORMAL')}")
        connection.exec_driver_sql(options.get("begin", "BEGIN"))

    event.listen(engine, "connect", opened)
    event.listen(engine, "begin", begin)
    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, pool_size=CONNECTIONS_MAX, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError:
        raise DatabaseError("PostgreSQL needs psycopg: pip install 'accountpulse[postgres]'") from None
