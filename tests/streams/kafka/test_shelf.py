"""Records on a disk."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.keeping import keeping
from streams.kafka.record import Records
from streams.kafka.settings import SettingsError, load_settings
from streams.kafka.shelf import ShelfError, Shelves

KEEPING = """
import sys
from pathlib import Path
from streams.kafka.shelf import Shelves
shelf = Shelves(Path(sys.argv[1]))()
shelf["acme"] = b"record"
print("kept", flush=True)
sys.stdin.read()
"""

FILLING = """
import os, resource, sys
from pathlib import Path
from streams.kafka.shelf import Shelves
shelf = Shelves(Path(sys.argv[1]))()
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
for number in range(1_000_000):
    shelf[str(number)] = os.urandom(1_000)
"""


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Shelves:
    return Shelves(tmp_path_factory.mktemp("shelves"))


def folders(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


@contextmanager
def started(program: str, directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that keeps a record, until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        yield process


IDS = st.text(st.characters(codec="utf-8"), max_size=3)
VALUES = st.binary(max_size=40)


def put(records: Records, account_id: str, value: bytes) -> object:
    records[account_id] = value
    return None


STEPS: list[Callable[[Records, str, bytes], object]] = [
    put, put, put,
    lambda records, account_id, _: records.pop(account_id, None),
    lambda records, account_id, _: records[account_id],
    lambda records, account_id, _: records.__delitem__(account_id),
    lambda records, account_id, value: records.get(account_id, value),
    lambda records, account_id, value: records.setdefault(account_id, value),
    lambda records, account_id, value: records.update({account_id: value, "other": value}),
    lambda records, account_id, _: account_id in records,
    lambda records, account_id, _: records.clear() if not account_id else None,
]  # fmt: skip


def done(records: Records, step: int, account_id: str, value: bytes) -> object:
    try:
        return STEPS[step](records, account_id, value)
    except KeyError as error:
        return repr(error)


@given(st.lists(st.tuples(st.integers(0, len(STEPS) - 1), IDS, VALUES), max_size=40))
def test_a_shelf_does_whatever_a_dict_does(shelves: Shelves, steps: list[tuple[int, str, bytes]]) -> None:
    shelf, held = shelves(), dict[str, bytes]()
    for step in steps:
        assert done(shelf, *step) == done(held, *step)
        assert len(shelf) == len(held)
    assert shelf == held
    assert list(shelf) == list(held)
    assert dict(shelf.items()) == held
    assert sorted(shelf.values()) == sorted(held.values())
    assert [(id_, shelf[id_]) for id_ in shelf] == list(held.items())


def test_what_was_written_to_the_disk_is_read_back_from_there(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    shelf, other = shelves(), shelves()
    records = {f"account {number}": bytes([number % 256]) * 300 for number in range(5_000)}
    shelf.update(records)
    other["account 1"] = b"of another partition"
    for one in (shelf, other):
        one._family.flush()
    assert list((tmp_path / folders(tmp_path)[0] / "store").glob("*.sst"))
    shelf["account 2"] = b"newer"
    del shelf["account 3"]
    del records["account 3"]
    assert shelf == {**records, "account 2": b"newer"}
    assert dict(other) == {"account 1": b"of another partition"}


def test_a_record_that_is_gone_from_the_disk_is_not_taken_for_a_new_account(shelves: Shelves) -> None:
    shelf = shelves()
    shelf["acme"] = b"record"
    del shelf._family[b"acme"]
    with pytest.raises(RuntimeError, match="the record of 'acme' is gone"):
        shelf.get("acme")


def test_records_that_the_disk_does_not_give_back_are_no_end_of_what_there_is(tmp_path: Path) -> None:
    shelf = Shelves(tmp_path)()
    for first in (0, 1_000):
        shelf.update({f"account {number:04}": bytes([number % 256]) * 300 for number in range(first, first + 1_000)})
        shelf._family.flush()
    later = max((tmp_path / folders(tmp_path)[0] / "store").glob("*.sst"))
    os.truncate(later, 1)
    with pytest.raises(ShelfError, match=r"records can't be read .* \(records_directory\): \d+ of 2000 are gone"):
        list(shelf.items())


def test_what_a_partition_had_goes_from_the_disk_when_it_is_given_back(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    store = tmp_path / folders(tmp_path)[0] / "store"
    shelf = shelves()
    shelf["acme"] = bytes(100_000)
    shelf._family.flush()
    assert list(store.glob("*.sst"))
    del shelf
    assert not list(store.glob("*.sst"))
    del shelves
    assert folders(tmp_path) == []


def test_what_a_killed_process_left_is_removed_and_what_another_uses_is_not(tmp_path: Path) -> None:
    (tmp_path / "of somebody else").mkdir()
    with started(KEEPING, tmp_path) as killed, started(KEEPING, tmp_path) as alive:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert len(folders(tmp_path)) == 3
        ours = Shelves(tmp_path)
        assert len(folders(tmp_path)) == 3
        ours()["acme"] = b"record"
        alive.communicate()  # it ends
        assert alive.returncode == 0
        assert len(folders(tmp_path)) == 2
    del ours
    assert folders(tmp_path) == ["of somebody else"]


def test_a_disk_that_takes_no_more_is_said_and_not_passed_over(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FILLING, str(tmp_path)], stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    assert "ShelfError: records can't be kept on the disk (records_directory): IO error" in ran.stderr
    assert folders(tmp_path) == []


def test_records_are_in_memory_unless_a_directory_is_named(tmp_path: Path) -> None:
    assert keeping(load_settings(None))() == {}
    assert keeping(load_settings(None, records_directory=""))() == {}
    keep = keeping(load_settings(None, records_directory=tmp_path / "made" / "for it"))
    keep()["acme"] = b"record"
    assert len(folders(tmp_path / "made" / "for it")) == 1


def test_a_directory_in_which_nothing_can_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = r"records_directory \(ACCOUNTPULSE_KAFKA_RECORDS_DIRECTORY\) .*/file: .* a directory that .* may write to"
    with pytest.raises(SettingsError, match=told):
        keeping(load_settings(None, records_directory=tmp_path / "file"))


def test_a_directory_is_refused_where_what_it_needs_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rocksdict", None)
    monkeypatch.delitem(sys.modules, "streams.kafka.shelf")
    with pytest.raises(SettingsError, match=r"RECORDS_DIRECTORY\) .*: pip install 'accountpulse\[rocks\]'"):
        keeping(load_settings(None, records_directory=tmp_path))
