"""The records of a worker's partitions on a disk, for when they are too many for its memory.

What lies there are copies of what the changelog holds: nobody reads them but the process that made them, none of it
survives that, and nothing of it need be safe. Ids stay in memory, where the agenda has them too.
"""

import fcntl
import os
import shutil
from collections.abc import ItemsView, Iterable, Iterator, MutableMapping, ValuesView
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    WriteOptions,
)

FOLDER = "accountpulse-records-"
"""What a process's folder is called, up to what is its own."""

CACHE_BYTES = 64 * 1024 * 1024
"""Of blocks that were read, with their indexes: of all partitions of a process together."""

BLOCK_BYTES = 4 * 1024
"""Read for one record: some ten lie together."""

WRITTEN_BYTES = 64 * 1024 * 1024
"""Of what is not on the disk yet, of all partitions together."""

WRITE_BUFFER_BYTES = 16 * 1024 * 1024
"""The same of one partition, before it becomes a file."""

FILES_MAX = 256
"""Open at a time: each has a descriptor, of which a process often has no more than 1,024."""

THREADS = 2
"""That write files and merge them, beside the one that the worker runs on."""


class ShelfError(RuntimeError):
    """The disk does not take records, or does not give them back."""


class Shelf(MutableMapping[str, bytes]):
    """Records by account: a dict whose values lie on the disk. ShelfError from whatever touches that."""

    def __init__(self, family: Rdict) -> None:
        """family: empty, and nobody else's."""
        self._family = family
        self._ids: dict[str, str] = {}  # each by itself, so that those that are read back are the same objects

    def __contains__(self, account_id: object) -> bool:
        return account_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __getitem__(self, account_id: str) -> bytes:
        if account_id not in self._ids:
            raise KeyError(account_id)
        try:
            value = self._family.get(account_id.encode())
        except Exception as error:
            raise _failed(error) from error
        if not isinstance(value, bytes):  # no KeyError: who asks would take the account for a new one
            raise ShelfError(f"the record of {account_id!r} is gone from the disk")
        return value

    def __setitem__(self, account_id: str, value: bytes) -> None:
        try:
            self._family[account_id.encode()] = value
        except Exception as error:
            raise _failed(error) from error
        self._ids.setdefault(account_id, account_id)

    def __delitem__(self, account_id: str) -> None:
        del self._ids[account_id]
        try:
            del self._family[account_id.encode()]
        except Exception as error:
            raise _failed(error) from error

    def items(self) -> ItemsView[str, bytes]:
        """As a dict's, but in the order of the disk."""
        return _Items(self)

    def values(self) -> ValuesView[bytes]:
        """As a dict's, but in the order of the disk."""
        return _Values(self)

    def scan(self) -> Iterator[tuple[str, bytes]]:
        """All records, at a fraction of what it costs to ask for each; nothing may be deleted meanwhile."""
        ids = self._ids
        left = len(ids)
        try:
            pairs: Iterable[tuple[Any, Any]] = self._family.items()  # of bytes, since the store is raw
            for key, value in pairs:
                left -= 1
                yield ids[key.decode()], value
        except Exception as error:
            raise _failed(error) from error
        if left > 0:  # rocksdict ends in silence where the disk does not give back what comes next
            raise ShelfError(f"records can't be read from the disk (records_directory): {left} of {len(ids)} are gone")


class _Items(ItemsView[str, bytes]):
    _mapping: Shelf

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        return self._mapping.scan()


class _Values(ValuesView[bytes]):
    _mapping: Shelf

    def __iter__(self) -> Iterator[bytes]:
        return (value for _, value in self._mapping.scan())


class Shelves:
    """Makes the shelves of one process, in a folder of its own: its partitions share memory, threads and files."""

    def __init__(self, directory: Path) -> None:
        """directory: of this process, or of several; made when it is not there. OSError, ShelfError when nothing can be
        kept there. What processes have left there that are no more is removed.
        """
        folder, lock = _own(directory)
        table = BlockBasedOptions()
        table.set_block_cache(Cache(CACHE_BYTES))
        table.set_cache_index_and_filter_blocks(True)
        table.set_block_size(BLOCK_BYTES)
        # one in a single block is larger than a part of the cache, and would be read for every record
        table.set_index_type(BlockBasedIndexType.two_level_index_search())
        self._table = table
        try:
            self._store = Rdict(str(folder / "store"), self._options())
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
            raise _failed(error) from error
        self._names = count()
        finalize(self, _remove, self._store, folder, lock)

    def __call__(self) -> Shelf:
        """An empty one. What is on it is removed when nobody has it any more: when its partition was given back."""
        name = f"records-{next(self._names)}"
        unlogged = WriteOptions()
        unlogged.disable_wal = True  # type: ignore[method-assign,assignment]  # it is a property, and typed as a method
        try:
            family = self._store.create_column_family(name, self._options())
        except Exception as error:
            raise _failed(error) from error
        family.set_write_options(unlogged)
        shelf = Shelf(family)
        finalize(shelf, self._drop, name).atexit = False  # then all goes at once
        return shelf

    def _drop(self, name: str) -> None:
        with suppress(Exception):  # a disk that takes nothing any more is found by who writes to it
            self._store.drop_column_family(name)

    def _options(self) -> Options:
        options = Options(raw_mode=True)
        options.set_block_based_table_factory(self._table)
        options.set_db_write_buffer_size(WRITTEN_BYTES)
        options.set_write_buffer_size(WRITE_BUFFER_BYTES)
        options.set_max_write_buffer_number(2)
        options.set_max_open_files(FILES_MAX)
        options.set_max_background_jobs(THREADS)
        options.set_compression_type(DBCompressionType.lz4())
        options.set_keep_log_file_num(1)
        options.set_stats_dump_period_sec(0)
        return options


def _own(directory: Path) -> tuple[Path, int]:
    """A folder for this process, and a descriptor by which it is locked as long as the process lives."""
    directory.mkdir(parents=True, exist_ok=True)
    door = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(door, fcntl.LOCK_EX)  # one at a time: a folder that is not locked yet must not seem left
        for left in directory.glob(f"{FOLDER}*"):
            # somebody's who lives, or who has just ended and removed it
            with suppress(BlockingIOError, FileNotFoundError):
                os.close(_locked(left))
                shutil.rmtree(left)
        folder = Path(mkdtemp(prefix=FOLDER, dir=directory))
        return folder, _locked(folder)
    finally:
        os.close(door)


def _locked(folder: Path) -> int:
    """A descriptor that locks a folder until it is closed; BlockingIOError when another one does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove(store: Rdict, folder: Path, lock: int) -> None:
    with suppress(Exception):  # what could not be written goes now
        store.close()
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def _failed(error: Exception) -> ShelfError:
    """rocksdict raises nothing more telling than Exception."""
    return ShelfError(f"records can't be kept on the disk (records_directory): {error}")
