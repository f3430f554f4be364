"""One service for the tests that only ask; each uses accounts of its own."""

from collections.abc import Iterator

import pytest

from tests.streams.http.served import Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "data") as running:
        yield running
