"""A participant's process: what it says, what it costs."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.environments import CHECKOUT

END_S_MAX = 20.0
TOLD_CHARS = 2_000
_TICKS = os.sysconf("SC_CLK_TCK")


class FailedError(RuntimeError):
    """A participant that ended, or did not end; with the end of what it logged."""


class Process:
    """Runs from `with` to its end, with a directory of its own. Linux only: costs are read from /proc."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = command, environment
        self.told: dict[str, float] = {}
        """When it said a word, by its own clock."""
        self.cpu_s: dict[str, float] = {}
        """CPU seconds that it and its children had used when that was heard."""

    def __enter__(self) -> "Process":
        self._log = tempfile.TemporaryFile()
        self._directory = tempfile.TemporaryDirectory(prefix="peers-")
        environment = {**os.environ, **self._environment, "PEERS_DIRECTORY": self._directory.name}
        self._process = subprocess.Popen(
            self._command, cwd=CHECKOUT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, _, stamp = line.strip().partition(" ")
            if word in {"first", "last", "done"}:
                self.note(word, float(stamp))

    def note(self, word: str, at: float) -> None:
        """Something was said, or seen from outside, just now."""
        self.cpu_s[word] = self.spent_s()
        self.told[word] = at

    def check(self) -> None:
        """FailedError if it has ended."""
        if self._process.poll() is not None:
            raise FailedError(f"ended with {self._process.returncode}: {self.log()}")

    def log(self) -> str:
        """The end of what it logged."""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - TOLD_CHARS))
        return self._log.read().decode(errors="replace")

    def peak_bytes(self) -> int:
        """The largest resident sets of the process and of its children that still run, together."""
        return sum(_peak_bytes(number) for number in _family(self._process.pid))

    def spent_s(self) -> float:
        """CPU seconds that it and its children have used so far."""
        return sum(_ticks(number) for number in _family(self._process.pid)) / _TICKS

    def __exit__(self, *_: object) -> None:
        process = self._process
        assert process.stdin is not None
        process.stdin.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._listener.join(END_S_MAX)
        self._log.close()
        self._directory.cleanup()


def _family(first: int) -> list[int]:
    """The process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and (found := _stat(int(place.name))):
            parents.setdefault(int(found[1]), []).append(int(place.name))
    family = [first]
    for member in family:
        family += parents.get(member, [])
    return family


def _stat(number: int) -> list[str]:
    """The fields of /proc/N/stat after the name; none when it has just ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(number: int) -> int:
    """User and system time, of children that have ended too."""
    return sum(map(int, _stat(number)[11:15]))


def _peak_bytes(number: int) -> int:
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM:")), 0)


def wait(process: Process, until: float) -> None:
    """A moment; FailedError if there is no use in waiting on."""
    process.check()
    if time.monotonic() > until:
        raise FailedError(f"not done in time; it said {process.told}: {process.log()}")
