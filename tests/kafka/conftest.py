"""A real broker for the tests: one for all of a process's tests, started when the first asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.kafka.broker import Broker, missing

LACKING = missing()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that all tests of this process share; those that stop it start one of their own."""
    require_java()
    with Broker(Path(tmp_path_factory.mktemp("kafka"))) as started:
        yield started


@pytest.fixture
def prefix() -> str:
    """What this test's topics begin with, so that tests can share a broker."""
    return f"t{uuid4().hex[:10]}-"


def require_java() -> None:
    """Skip the test where there can be no broker; in CI, fail it."""
    if LACKING and os.environ.get("CI"):
        pytest.fail(f"the real-Kafka tests can't run: {LACKING}")
    if LACKING:
        pytest.skip(f"REAL KAFKA NOT TESTED: {LACKING}")
