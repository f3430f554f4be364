"""How the service ends: by a signal, and on a disk without room."""

import os
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.streams.embedded.sent import track
from tests.streams.http.served import Served


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_open_streams_and_everything_applied(tmp_path: Path, number: int) -> None:
    with Served(tmp_path / "data") as served:
        opened = threading.Event()
        ended = threading.Event()

        def subscribe() -> None:
            with httpx.stream("GET", f"{served.url}/v1/triggers/stream", timeout=60) as answer:
                for _ in answer.iter_lines():
                    opened.set()
            ended.set()

        threading.Thread(target=subscribe, daemon=True).start()
        assert opened.wait(30)
        served.batch(*(track(n, f"a{n % 50}") for n in range(1_000)))
        assert served.stop(number) == 0
        assert ended.wait(30)
        assert not (tmp_path / "data" / "accountpulse.db-wal").exists()
        served.start()
        assert served.metric("accountpulse_applied_position") == 1_000
        served.until(lambda: served.client.get("/readyz").status_code == 200)


def test_a_log_without_room_changes_no_exit_code(tmp_path: Path) -> None:
    def full() -> None:
        os.dup2(os.open("/dev/full", os.O_WRONLY), 2)

    with Served(tmp_path / "data", before=full, environment={"PYTHONUNBUFFERED": ""}) as served:
        served.batch(track(1, "acme"))
        assert served.stop() == 0
        assert served.log == []
        served.start()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB; as root a real one, for others what the kernel refuses to write beyond."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], check=False).returncode
    ):
        pytest.skip("needs root for a small disk of its own")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(served: Served) -> tuple[list[int], int]:
    """Send until it is refused: the numbers that were acknowledged, and the status of the refusal."""
    acknowledged: list[int] = []
    for start in range(0, 100_000, 50):
        numbers = range(start, start + 50)
        answer = served.batch(*(track(n, f"a{n % 20}") | {"properties": {"text": "x" * 500}} for n in numbers))
        if answer.status_code != 200:
            assert answer.json()["success"] is False
            assert int(answer.headers["retry-after"]) > 0
            return acknowledged, answer.status_code
        acknowledged += numbers
    raise AssertionError("the disk never was full")


def counted(served: Served) -> int:
    accounts = served.get("/v1/accounts", limit=1000)["accounts"]
    return sum(served.get(f"/v1/accounts/{one['account_id']}")["events_counted"] for one in accounts)


def test_a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    with Served(small_disk / "data") as served:
        acknowledged, status = fill(served)
        assert status in (503, 507)
        assert len(acknowledged) > 500
        assert served.client.get("/healthz").status_code == 200
        served.until(lambda: served.client.get("/readyz").json()["state"] == "no_room")
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        served.until(lambda: served.client.get("/readyz").status_code == 200)
        assert served.batch(track("again", "a0")).json()["accepted"] == 1
        served.settle()
        assert counted(served) == len(acknowledged) + 1


def test_killed_on_a_full_disk_it_still_has_everything(small_disk: Path) -> None:
    served = Served(small_disk / "data").start()
    acknowledged, _ = fill(served)
    served.stop(signal.SIGKILL)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    with Served(small_disk / "data") as served:
        served.settle()
        assert counted(served) == len(acknowledged)


def test_a_service_whose_scorecard_cannot_be_kept_takes_events_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scorecard.db").write_bytes(b"no database at all" * 1_000)
    with Served(tmp_path / "data") as served:
        served.until(lambda: "the scorecard is not kept" in served.client.get("/readyz").json()["about"])
        assert served.client.get("/readyz").status_code == 200
        assert served.metric("accountpulse_scorecard_ends_total") == 1
        assert served.metric("accountpulse_scorecard_behind_seconds") > 0
        assert served.batch(track("again", "a0")).json()["accepted"] == 1


def test_a_limit_on_files_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """The same for those who are not root: the kernel refuses to let a file grow beyond a limit."""
    limit = 4_000_000

    def before() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    with Served(tmp_path / "data", before=before) as served:
        acknowledged, status = fill(served)
        assert status in (503, 507)
        assert served.process is not None
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        served.until(lambda: served.client.get("/readyz").status_code == 200)
        assert served.batch(track("again", "a0")).json()["accepted"] == 1
        served.settle()
        assert counted(served) == len(acknowledged) + 1
