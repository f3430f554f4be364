"""The tables of the read model: one SQLite file, which can be made anew from the topics as far as these go back."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec

from streams.embedded.schema import BUSY_TIMEOUT_S, CACHE_KIB, READER_CACHE_KIB, StoreError

FILE_NAME = "read-model.db"

READ_AT = "scores_read_at"
"""Key of `meta`: an instant, unix seconds, at which all scores were read that had been published."""

SCHEMA_VERSION = 1
"""Counted up with every change of the tables. A file of another version is refused: removed, it is made anew."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE places (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE health (
    account_id TEXT PRIMARY KEY,
    at REAL NOT NULL,
    score REAL,
    band TEXT,
    stage TEXT NOT NULL,
    segment TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX health_score ON health (score, account_id);
CREATE INDEX health_band ON health (band, score, account_id);

CREATE TABLE history (
    account_id TEXT NOT NULL,
    at REAL NOT NULL,
    score REAL,
    band TEXT,
    coverage REAL NOT NULL,
    confidence REAL NOT NULL,
    profile TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE triggers (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    play TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX triggers_place ON triggers (partition, offset);

CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    place TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
"""

_encode = msgspec.json.Encoder(order="sorted").encode


def open_writer(directory: Path, topics: Mapping[str, str]) -> sqlite3.Connection:
    """The one connection that writes; makes the file when there is none. topics: their ids by name. StoreError when the
    file was made from other topics.
    """
    path = directory / FILE_NAME
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_mode = WAL")
        # What a machine loses when its power goes is read from the topics again: places go with what they stand for.
        connection.execute("PRAGMA synchronous = NORMAL")
        _prepare(connection, path, _encode(topics).decode())
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(f"{path}: {error}") from error
    except StoreError:
        connection.close()
        raise
    return connection


def open_reader(directory: Path) -> sqlite3.Connection:
    """A connection that reads the last commit and never waits for the writer."""
    connection = sqlite3.connect(
        f"{(directory / FILE_NAME).resolve().as_uri()}?mode=ro", uri=True, isolation_level=None,
        timeout=BUSY_TIMEOUT_S, check_same_thread=False,
    )  # fmt: skip
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, topics: str) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
        connection.execute("INSERT INTO meta VALUES ('topics', ?)", (topics,))
    elif version != SCHEMA_VERSION:
        raise StoreError(
            f"{path}: tables of version {version}, this program has {SCHEMA_VERSION}; remove the file, and it is made"
            " anew from the topics (days' scores only as far as these go back)"
        )
    (made_from,) = connection.execute("SELECT value FROM meta WHERE key = 'topics'").fetchone()
    if made_from != topics:
        raise StoreError(
            f"{path}: made from other topics ({made_from}) than these ({topics}); choose another --data, or remove it"
        )
