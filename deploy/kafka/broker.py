"""A Kafka broker on this machine, without Docker: one node in KRaft mode, on loopback, for tests and for trying it out.

    python -m deploy.kafka.broker [--port 9092] [--directory .kafka/data]

Runs until it is told to stop (Ctrl-C, SIGTERM); prints `{"bootstrap": "127.0.0.1:9092", "pid": ...}` once it takes
requests. Needs Java 17, and Maven to bring Kafka itself into .kafka/libs, once.
"""

import argparse
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom
from uuid import uuid4

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.kafka.libraries import HOME, BrokerError, libraries, say
from deploy.kafka.properties import Listener, properties

HEAP_MB = 512
"""Enough for some hundred partitions and a gigabyte in the page cache beside it."""

START_S_MAX = 90.0
"""Five seconds on an idle machine; others may be busy with tests on every core."""

STOP_S_MAX = 30.0

PORTS = range(20_000, 30_000)
"""Below those that the system gives to outgoing connections: one of these could have the broker's port while the broker
is away, were it only a client that tries again to reach it."""

EXIT_ENDED = 1
"""The broker ended by itself."""

EXIT_REFUSED = 2
"""There can't be a broker as asked for."""

_GUARD = "import os, signal, sys; sys.stdin.read(); os.kill(int(sys.argv[1]), signal.SIGKILL)"
"""Kills the broker when our end of a pipe is closed, which is also what happens when we are killed. It is a process of
its own since a broker that is paused could not do so itself, and PR_SET_PDEATHSIG, Linux's own way, would strike when
the *thread* ends that started the broker."""


class Broker:
    """One broker with its data in a directory. Started again, it has the same port and the same data."""

    def __init__(
        self, directory: Path, port: int = 0, heap_mb: int = HEAP_MB, listeners: Sequence[Listener] = ()
    ) -> None:
        """port: 0 is any that is free; listeners: others, beside the one that is open to all."""
        self.directory = directory
        self._port = port or free_port()
        self._listeners = listeners
        self._heap_mb = heap_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        return self._running().pid

    def start(self) -> None:
        """Start it, and wait until it takes requests. BrokerError says why it does not."""
        if self._process is not None:
            raise BrokerError(f"the broker runs already, as process {self.pid}")
        libs = libraries()
        if not _is_free(self._port):
            raise BrokerError(f"port {self._port} is taken; another can be given (--port)")
        self.directory.mkdir(parents=True, exist_ok=True)
        listeners = (Listener("PLAINTEXT", self._port), *self._listeners)
        text = properties(listeners, free_port(besides=self._port))
        (self.directory / "server.properties").write_text(text)
        cluster = self._cluster(libs)
        java = ["java", f"-Xmx{self._heap_mb}m", "-XX:+UseG1GC", *_classes(libs)]
        with (self.directory / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*java, "kafka.Kafka", "server.properties"],
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _GUARD, str(self.pid)], stdin=subprocess.PIPE, start_new_session=True
            )
            self._wait_for(cluster)
        except BaseException:  # told to stop meanwhile, too: nothing may be left behind
            self.kill()
            raise

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._running().wait()

    def stop(self) -> None:
        """Let it close its files, and end it."""
        process = self._running()
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
        self._ended()

    def kill(self) -> None:
        """End it as a crash would."""
        self._running().kill()
        self._ended()

    def pause(self) -> None:
        """Stop it where it is."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._running().send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def log_tail(self) -> str:
        """The end of what it said."""
        return (self.directory / "broker.log").read_text(errors="replace")[-2_000:]

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise BrokerError("the broker does not run, or others have started it")
        return self._process

    def _ended(self) -> None:
        self._running().wait(STOP_S_MAX)
        self._process = None
        if self._guard is not None:
            self._guard.kill()  # before it reads the end of its pipe: the number may be somebody else's by then
            self._guard.wait()
            if self._guard.stdin is not None:
                self._guard.stdin.close()
            self._guard = None

    def _cluster(self, libs: Path) -> str:
        """The id of the cluster whose data is here; of a new one when there is none."""
        written = self.directory / "logs" / "meta.properties"
        if not written.exists():
            made = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
            tool = ["java", "-XX:TieredStopAtLevel=1", *_classes(libs), "kafka.tools.StorageTool"]
            command = [*tool, "format", f"--cluster-id={made}", "--config", "server.properties"]
            done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BrokerError(f"{self.directory} can't be formatted: {done.stdout[-1_000:]}{done.stderr[-1_000:]}")
        found = re.search(r"^cluster\.id=(.+)$", written.read_text(), re.MULTILINE)
        if found is None:
            raise BrokerError(f"{written} names no cluster; was the disk full? Remove {self.directory}")
        return found[1]

    def _wait_for(self, cluster: str) -> None:
        """Wait for an answer, and that it is ours."""
        process, end = self._running(), time.monotonic() + START_S_MAX
        while not _listens(self._port):
            if process.poll() is not None:
                raise BrokerError(f"the broker ended with {process.returncode}; its log's end:\n{self.log_tail()}")
            if time.monotonic() > end:
                raise BrokerError(f"the broker was silent for {START_S_MAX:.0f} s; its log's end:\n{self.log_tail()}")
            time.sleep(0.1)
        left_ms = max(1_000, int((end - time.monotonic()) * 1_000))
        try:
            with KafkaAdminClient(
                bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=left_ms, request_timeout_ms=left_ms
            ) as admin:
                found = admin.describe_cluster()["cluster_id"]
        except KafkaError as error:
            raise BrokerError(f"the broker does not answer: {error}; its log's end:\n{self.log_tail()}") from error
        if found != cluster:
            raise BrokerError(f"port {self._port} was taken meanwhile, by cluster {found}")


def _classes(libs: Path) -> list[str]:
    return ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{libs}{os.sep}*"]


def free_port(besides: int = 0) -> int:
    """A port of loopback that nobody listens at; another one than `besides`."""
    for port in SystemRandom().sample(PORTS, 100):
        if port != besides and _is_free(port):
            return port
    raise BrokerError(f"no port is free among a hundred of {PORTS.start}..{PORTS.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java does: connections that end don't count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _listens(port: int) -> bool:
    """Whether it takes connections, which it does when it is no longer fenced."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2.0).close()
    except OSError:
        return False
    return True


def main() -> int:
    """Run a broker until told to stop; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka.broker", description="A Kafka broker without Docker.")
    parser.add_argument("--port", type=int, default=9092, help="0 is any that is free; 9092 unless given")
    parser.add_argument("--directory", type=Path, default=HOME / "data", help="of its data; .kafka/data unless given")
    parser.add_argument("--while-locked", type=Path, metavar="FILE", help="end when no process locks FILE (flock)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        say("starting Kafka")
        with ExitStack() as stack:
            users = stack.enter_context(given.while_locked.open("a")) if given.while_locked else None
            broker = stack.enter_context(Broker(given.directory, given.port))
            print(json.dumps({"bootstrap": broker.bootstrap, "pid": broker.pid}), flush=True)
            if users is not None:
                # a lock ends with its process, however that ends; ours keeps newcomers waiting until all is over
                fcntl.flock(users, fcntl.LOCK_EX)
                return 0
            say(f"Kafka takes requests at {broker.bootstrap}; Ctrl-C stops it")
            code = broker.wait()
            say(f"error: Kafka ended by itself with {code}; its log's end:\n{broker.log_tail()}")
            return EXIT_ENDED
    except KeyboardInterrupt:
        say("Kafka has stopped")
        return 0
    except BrokerError as error:
        say(f"error: {error}")
        return EXIT_REFUSED


if __name__ == "__main__":
    raise SystemExit(main())
