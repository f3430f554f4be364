"""The service as it is run: `accountpulse serve` in a process of its own, asked over real HTTP."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[3]
PLAYS = ROOT / "tests" / "data" / "serve_plays.yaml"

START_S = 60.0
"""Longest wait for a process to start; on a busy machine the imports alone take seconds."""

SOON_S = 30.0


class Served:
    """A running process. Leaving the block stops it and fails unless it ended cleanly."""

    def __init__(
        self,
        data: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.data = data
        self._command = [
            sys.executable, "-c", "from streams.cli import app; app()", "serve", "--data", str(data), "--port", "0",
            "--plays", str(PLAYS), *arguments,
        ]  # fmt: skip
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        self._before = before
        self.process: subprocess.Popen[str] | None = None
        self.client = httpx.Client()
        self.log: list[str] = []

    def start(self) -> Self:
        """Start, and wait until it listens."""
        self.process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=self._before, cwd=self.data.parent,  # noqa: PLW1509 - only sets limits
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._drain = threading.Thread(target=self._keep, args=(self.process.stderr,), daemon=True)
        self._drain.start()
        line = self.process.stdout.readline()
        if not line:
            self.stop(signal.SIGKILL)
            raise AssertionError("the service did not start:\n" + "".join(self.log))
        self.client.close()
        self.url = json.loads(line)["listening"]
        self.client = httpx.Client(base_url=self.url, timeout=SOON_S)
        return self

    def _keep(self, stream: Any) -> None:
        self.log += stream

    def __enter__(self) -> Self:
        self.start()
        try:
            self.until(lambda: self.client.get("/readyz").status_code == 200)
        except BaseException:
            self.stop(signal.SIGKILL)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        code = self.stop()
        if error == (None, None, None):
            assert code == 0, f"exit code {code}:\n{''.join(self.log)}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(SOON_S)
        self._drain.join(SOON_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.client.close()
        return code

    def batch(self, *messages: Mapping[str, Any], **top: Any) -> httpx.Response:
        """POST /v1/batch."""
        return self.client.post("/v1/batch", json={"batch": messages, **top})

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settle(self) -> None:
        """Wait until everything that is on the disk is in the scores."""
        self.until(lambda: self.metric("accountpulse_log_position") == self.metric("accountpulse_applied_position"))

    def metric(self, name: str) -> float:
        """One Prometheus metric; 0 while it is not there."""
        lines = self.client.get("/metrics").text.splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == name), 0.0)

    def until(self, true: Callable[[], object]) -> None:
        """Wait for something."""
        end = time.monotonic() + SOON_S
        while not true():
            assert time.monotonic() < end, "it did not come:\n" + "".join(self.log)
            time.sleep(0.02)
