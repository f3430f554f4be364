"""The read model on each database that it can live in: the same tests, once on SQLite and once on PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from scorecard.model.database import Database
from tests.scorecard.model import server

NOT_RUN = "REAL POSTGRESQL NOT TESTED"

Place = Path | str
"""Of a read model: a file, or a URL."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server that the tests of this process share."""
    folder = server.programs()
    if folder is None:
        told = f"{NOT_RUN}: no initdb on PATH or below {server.PLACES} (on Debian: apt install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(told, pytrace=False)
        pytest.skip(told)
    with server.running(folder) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Makes the place of a new, empty read model, as often as it is asked."""
    if request.param == "sqlite":
        yield lambda: tmp_path / f"{uuid4().hex}.db"
        return
    url = request.getfixturevalue("postgresql")
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def new() -> str:
        made.append(f"t{uuid4().hex}")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE SCHEMA {made[-1]}"))
        return f"{url}&options=-csearch_path%3D{made[-1]}"

    try:
        yield new
    finally:
        with engine.connect() as connection:
            for schema in made:
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@pytest.fixture
def new_database(new_place: Callable[[], Place]) -> Iterator[Callable[[], Database]]:
    """Opens a new, empty database, as often as it is asked."""
    with ExitStack() as stack:

        def new() -> Database:
            database = Database(new_place())
            stack.callback(database.close)
            return database

        yield new
