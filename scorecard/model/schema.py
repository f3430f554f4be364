"""Makes the tables and views of a read model, and looks whether those that are there are of this program."""

from sqlalchemy import Connection, inspect, select

from scorecard.model import views
from scorecard.model.database import Database, DatabaseError
from scorecard.model.tables import METADATA, meta
from scorecard.sheet import Sheet

SCHEMA_VERSION = 6
"""Counted up with every change of tables, views, or what lies packed in them, or is meant by it (since 2 an ended
subscription keeps its last price, since 3 answers are kept, since 4 figures as they were told, since 5 what is counted
beside sheets, since 6 what entities add to sums of facets). Another version is refused: the read model is made anew
from the log or the topics, so nothing is lost by removing it."""

VERSION, FIELDS = "schema_version", "sheet"


class SchemaError(DatabaseError):
    """The tables are not of this program; the message says what to do."""


def prepare(database: Database) -> None:
    """Make what is missing, or find all of it there; SchemaError when it is of another version."""
    with database.writing() as connection:
        if not inspect(connection).has_table(meta.name):
            _make(connection)
            return
        found = get(connection, VERSION), get(connection, FIELDS)
    if found != _wanted():
        raise SchemaError(
            f"{database.name}: made by another version of accountpulse (tables of version {found[0]}, this program has"
            f" {SCHEMA_VERSION}); remove them (the file, or the database's schema) and start again: the service makes"
            " them anew from its events, `accountpulse replay --read-model` from files"
        )


def _wanted() -> tuple[str, str]:
    return str(SCHEMA_VERSION), ",".join(Sheet._fields)


def _make(connection: Connection) -> None:
    METADATA.create_all(connection)
    for statement in views.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    for key, value in zip((VERSION, FIELDS), _wanted(), strict=True):
        put(connection, key, value)


def get(connection: Connection, key: str) -> str | None:
    """What is noted of the read model itself; None when it never was."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def put(connection: Connection, key: str, value: str) -> None:
    """Note it, within the transaction that is open."""
    connection.execute(meta.delete().where(meta.c.key == key))
    connection.execute(meta.insert().values(key=key, value=value))
