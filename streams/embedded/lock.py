"""One process per data directory."""

import fcntl
import os
from pathlib import Path

from streams.embedded.schema import StoreError

LOCK_NAME = "accountpulse.lock"


class Lock:
    """Held from the start of the service to its end; the kernel lets go of it however the process ends."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / LOCK_NAME
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise StoreError(f"{directory}: another accountpulse is using this directory") from error

    def release(self) -> None:
        """Let another process have the directory."""
        os.close(self._file)
