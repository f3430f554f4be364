"""Worker processes, as an operator has them: started, killed, stopped in the midst of their work."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLAYS = Path(__file__).parents[2] / "data" / "serve_plays.yaml"
WORKER = ("worker", "--port", "0", "--plays", str(PLAYS))
LAUNCHED = (sys.executable, "-m", "tests.chaos.kafka.launch", *WORKER)
"""A worker that can be meddled with: see launch.py."""

NO_BROKER = 2
EXPECTED = frozenset({NO_BROKER, 70})
"""Exit codes of a worker that found no broker when it started, and of one that could not go on."""


class Cluster:
    """Workers of one installation. Their log lines go to one file each."""

    def __init__(self, directory: Path, settings: Mapping[str, str], command: list[str] | None = None) -> None:
        """settings: of the Kafka runtime, without the prefix of their variables."""
        self._directory = directory
        self._environment = {
            **os.environ, "PYTHONPATH": str(ROOT),  # workers may run in other directories than ours
            "PYTHONUNBUFFERED": "",  # as users have it
            **{f"ACCOUNTPULSE_KAFKA_{k.upper()}": v for k, v in settings.items()},
        }  # fmt: skip
        self.command: Sequence[str] = command or [sys.executable, "-m", "streams", *WORKER]
        """Of workers that start from now on."""
        self.workers: list[subprocess.Popen[bytes]] = []
        self._logs: dict[subprocess.Popen[bytes], Path] = {}
        self.started = self.killed = 0
        self.failures: list[str] = []
        """Workers that ended by themselves, with the end of their logs."""

    def start(
        self, options: Sequence[str] = (), *, inside: Path | None = None, log: Path | None = None
    ) -> "subprocess.Popen[bytes]":
        """One more worker. options: after the command; inside: its working directory; log: in place of its own."""
        self.started += 1
        path = log or self._directory / f"worker{self.started}.log"
        with path.open("wb") as said:
            worker = subprocess.Popen(
                [*self.command, *options], env=self._environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                cwd=inside,
            )  # fmt: skip
        self.workers.append(worker)
        self._logs[worker] = path
        return worker

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """End it as a crash of the machine would."""
        self.workers.remove(worker)
        worker.kill()
        worker.wait()
        self.killed += 1

    def pause(self, worker: "subprocess.Popen[bytes]") -> None:
        """Stop it where it is."""
        worker.send_signal(signal.SIGSTOP)

    def resume(self, worker: "subprocess.Popen[bytes]") -> None:
        """Let it go on."""
        worker.send_signal(signal.SIGCONT)

    def reap(self, *, expected: bool = False) -> int:
        """Note the workers that ended by themselves; how many there were. They are no failures where they had to."""
        ended = [worker for worker in self.workers if worker.poll() is not None]
        for worker in ended:
            self.workers.remove(worker)
            if not (expected and worker.returncode in EXPECTED):
                self.failures.append(f"worker {worker.pid} ended with {worker.returncode}: {self._end_of(worker)}")
        return len(ended)

    def ready(self) -> bool:
        """Whether all have partitions, or know that there are none for them."""
        return all(b"restored in" in self._said(worker) for worker in self.workers)

    def _said(self, worker: "subprocess.Popen[bytes]") -> bytes:
        """What it has logged; nothing where that goes to a device."""
        path = self._logs[worker]
        return path.read_bytes() if path.is_file() else b""

    def _end_of(self, worker: "subprocess.Popen[bytes]") -> str:
        return self._said(worker)[-300:].decode(errors="replace")

    def named(self, member: str) -> str:
        """The worker that is, or was, a member of the group, by its log; the member's id where it is none of ours."""
        joined = f"with member_id {member}".encode()
        return next((self._logs[worker].stem for worker in self._logs if joined in self._said(worker)), member)

    def leave(self, worker: "subprocess.Popen[bytes]", timeout_s: float) -> None:
        """Ask it to end, and wait."""
        self.workers.remove(worker)
        worker.terminate()
        try:
            code = worker.wait(timeout_s)
        except subprocess.TimeoutExpired:
            worker.kill()
            code = worker.wait()
        young = code in (-signal.SIGTERM, NO_BROKER) and b"Joined group" not in self._said(worker)
        if code != 0 and not young:  # one that owns nothing yet has nothing to bring to an end; it may find no broker
            self.failures.append(f"worker {worker.pid} ended with {code} within {timeout_s:.0f} s of SIGTERM")

    def close(self) -> None:
        """End what is left."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()
