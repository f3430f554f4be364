"""The tables of the embedded store, and how a connection to them is opened.

One SQLite file holds the log of events, the account records, the read model and the outbox of triggers, so that one
transaction can change them together. Write-ahead logging lets any number of readers see the last commit while the one
writer works.
"""

import sqlite3
from pathlib import Path

FILE_NAME = "accountpulse.db"

SCHEMA_VERSION = 1
"""Counted up with every change of the tables; a newer file is refused, so an old program can't damage it."""

CACHE_KIB = 65_536
"""The writer's page cache. The index of message ids is hit at random: 64 MiB hold that of about a million events."""

READER_CACHE_KIB = 4_096
"""A reader's page cache: it asks for single accounts and short pages."""

BUSY_TIMEOUT_S = 5.0
"""How long a connection waits for another one's lock. The writer is alone, so only its checkpoint ever waits."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    stream TEXT NOT NULL,
    name TEXT NOT NULL,
    at REAL NOT NULL,
    arrived REAL NOT NULL,
    bound TEXT,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX log_message ON log (message_id);
CREATE INDEX log_account ON log (account_id, arrived);

CREATE TABLE records (
    account_id TEXT PRIMARY KEY,
    applied INTEGER NOT NULL,
    deadline REAL,
    record BLOB NOT NULL
) STRICT;
CREATE INDEX records_deadline ON records (deadline) WHERE deadline IS NOT NULL;

CREATE TABLE health (
    account_id TEXT PRIMARY KEY,
    at REAL NOT NULL,
    score REAL,
    band TEXT,
    coverage REAL NOT NULL,
    confidence REAL NOT NULL,
    stage TEXT NOT NULL,
    segment TEXT NOT NULL,
    name TEXT,
    arr REAL,
    parent TEXT,
    profile TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX health_score ON health (score, account_id);
CREATE INDEX health_band ON health (band, score, account_id);
CREATE INDEX health_parent ON health (parent) WHERE parent IS NOT NULL;

CREATE TABLE history (
    account_id TEXT NOT NULL,
    at REAL NOT NULL,
    score REAL,
    band TEXT,
    coverage REAL NOT NULL,
    confidence REAL NOT NULL,
    profile TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (account_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE episodes (
    account_id TEXT NOT NULL,
    play TEXT NOT NULL,
    number INTEGER NOT NULL,
    phase TEXT NOT NULL,
    since REAL NOT NULL,
    opened_at REAL NOT NULL,
    closed_at REAL,
    reason TEXT NOT NULL,
    moves TEXT NOT NULL,
    PRIMARY KEY (account_id, play, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX episodes_phase ON episodes (phase, opened_at);

CREATE TABLE triggers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    play TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX triggers_account ON triggers (account_id);

CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    reason TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    message TEXT NOT NULL,
    position TEXT NOT NULL,
    raw BLOB NOT NULL
) STRICT;
"""


class StoreError(RuntimeError):
    """The store can't be used as it is; the message says what to do."""


def open_writer(directory: Path) -> sqlite3.Connection:
    """The one connection that writes; makes the file and its tables when there are none."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE_NAME
    # No implicit transactions: every BEGIN is written out. The store moves between threads once, at the start.
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        # Debian's build overwrites deleted rows with zeros: twice the writes, and no secret is kept in these tables.
        connection.execute("PRAGMA secure_delete = OFF")
        # A thread of its own checkpoints (see checkpoint.py): within a commit it would delay the triggers.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        connection.close()
        raise
    return connection


def open_reader(directory: Path) -> sqlite3.Connection:
    """A connection that reads the last commit and never waits for the writer. Raises StoreError without a file."""
    path = directory / FILE_NAME
    if not path.exists():
        raise StoreError(f"{path}: no such file; `accountpulse serve --data {directory}` makes it")
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S,
        check_same_thread=False,
    )  # fmt: skip
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    connection.row_factory = sqlite3.Row
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StoreError(f"{path}: tables of version {version}; this program knows up to {SCHEMA_VERSION}: upgrade it")
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
