"""A real broker for the tests: one for all processes of a run, started when the first test asks for it."""

import fcntl
import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.kafka.broker import Broker
from deploy.kafka.libraries import BrokerError, libraries, missing

HERE = Path(__file__).parent
NOT_RUN = "REAL KAFKA NOT TESTED"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that all tests of this run share, to be used by its `bootstrap`. It can't be stopped through this: tests
    that stop a broker start one of their own.
    """
    require_java()
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # the folder of the run; what is below is this process's own
    with shared(place / "kafka") as port:
        yield Broker(place / "kafka" / "data", port)


@pytest.fixture
def prefix() -> str:
    """What this test's topics begin with, so that tests can share a broker."""
    return f"t{uuid4().hex[:10]}-"


def require_java() -> None:
    """Skip the test where there can be no broker; in CI, fail it."""
    lacking = _lacking()
    if lacking and os.environ.get("CI"):
        pytest.fail(f"{NOT_RUN}: not on PATH: {lacking}", pytrace=False)
    if lacking:
        pytest.skip(f"{NOT_RUN}: not on PATH: {lacking}")


_lacking = cache(missing)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """kafka-python, by which these tests send and read, sometimes leaves a socket to the garbage collector when it is
    closed while it connects. That is not what they are about; our own processes are others.
    """
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Such a socket is collected here, and not within a test that knows nothing of it."""
    yield
    gc.collect()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring Kafka itself now, where that is needed: no test's time-out should have to allow for a download."""
    wanted = any(item.path.is_relative_to(HERE) for item in session.items)
    if wanted and not session.config.option.collectonly and not _lacking():
        with suppress(BrokerError):  # the first test that needs it says so
            libraries()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, and loudly, what was left out."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reasons):
        if NOT_RUN in reason:
            terminalreporter.write_line(f"THE REAL-KAFKA TESTS WERE NOT RUN. {reason}", red=True, bold=True)


@contextmanager
def shared(place: Path) -> Iterator[int]:
    """The port of the broker of all processes that name the same place. The first one starts it, as a process of its
    own, which ends when nobody holds a lock on the place's `users` any more, and so also when all have crashed.
    """
    place.mkdir(exist_ok=True)
    with (place / "users").open("a") as users:
        with (place / "door").open("a") as door:  # one at a time, or two would find no broker and start one each
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            port = _found(place) or _started(place)
        yield port


def _found(place: Path) -> int | None:
    with suppress(OSError):
        port = int((place / "port").read_text())
        socket.create_connection(("127.0.0.1", port), timeout=5.0).close()
        return port
    return None


def _started(place: Path) -> int:
    command = [sys.executable, "-m", "deploy.kafka.broker", "--port", "0", "--directory", str(place / "data")]
    # a shell in between, so that the broker is not a child of this process, which will not wait for it
    with (
        (place / "said").open("wb") as said,
        subprocess.Popen(
            ["/bin/sh", "-c", '"$@" &', "sh", *command, "--while-locked", str(place / "users")],
            cwd=HERE.parents[1], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, start_new_session=True,
        ) as shell,
    ):  # fmt: skip
        assert shell.stdout is not None
        told = shell.stdout.readline()
    if not told:
        raise BrokerError((place / "said").read_text(errors="replace"))
    port = int(json.loads(told)["bootstrap"].rpartition(":")[2])
    (place / "port").write_text(str(port))
    return port
