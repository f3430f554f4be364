"""A Kafka broker on this machine, without Docker: one node in KRaft mode, on loopback, for tests and for trying it out.

    python -m deploy.kafka.broker [--port 9092] [--directory .kafka/data]

Runs until it is told to stop (Ctrl-C, SIGTERM); prints `{"bootstrap": "127.0.0.1:9092"}` once it takes requests. Needs
Java 17 and Maven, which brings Kafka itself into .kafka/libs, once.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from types import FrameType

POM = Path(__file__).with_name("pom.xml")
HOME = Path(__file__).parents[2] / ".kafka"
START_S_MAX = 90.0
STOP_S_MAX = 30.0
HEAP = "512m"

CLUSTER = "YWNjb3VudHB1bHNlLWtmaw"
"""Id of the cluster, 16 bytes in base64: any will do."""

_GUARD = "import os, signal, sys; sys.stdin.read(); os.kill(int(sys.argv[1]), signal.SIGKILL)"
"""Kills the broker when our end of a pipe is closed, which is also what happens when we are killed."""

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=10485760
"""


class BrokerError(RuntimeError):
    """The broker can't be had, and why."""


class Broker:
    """One broker with its data in a directory. Started again, it has the same port and the same data."""

    def __init__(self, directory: Path, port: int = 0) -> None:
        """port: 0 is any that is free."""
        self.directory = directory
        self._port = port or _free_port()
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
        libs, logs = libraries(), self.directory.absolute() / "logs"
        self.directory.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(port=self._port, controller=_free_port(), logs=logs)
        (self.directory / "server.properties").write_text(text)
        if not (logs / "meta.properties").exists():
            self._java(libs, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", "server.properties")
        with (self.directory / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_command(libs), "kafka.Kafka", "server.properties"],
                cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._guard = subprocess.Popen(
            [sys.executable, "-c", _GUARD, str(self._process.pid)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._wait()

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

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise BrokerError("the broker does not run")
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

    def _wait(self) -> None:
        process, end = self._running(), time.monotonic() + START_S_MAX
        while not _answers(self._port):
            if process.poll() is not None or time.monotonic() > end:
                tail = (self.directory / "broker.log").read_text(errors="replace")[-2_000:]
                self.kill()
                raise BrokerError(f"the broker did not start within {START_S_MAX:.0f} s; the end of its log:\n{tail}")
            time.sleep(0.1)

    def _java(self, libs: Path, *arguments: str) -> None:
        command = [*_command(libs), *arguments]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"{arguments[0]} failed: {done.stdout[-1_000:]}{done.stderr[-1_000:]}")


def missing() -> str:
    """What a broker needs and this machine has not, as text; empty when there is all."""
    lacking = [name for name in ("java", "mvn") if shutil.which(name) is None]
    return f"not on PATH: {', '.join(lacking)} (Java 17 and Maven are needed)" if lacking else ""


def libraries() -> Path:
    """The folder of Kafka's own code, brought by Maven when it is not there."""
    if lacking := missing():
        raise BrokerError(lacking)
    libs, stamp = HOME / "libs", sha256(POM.read_bytes()).hexdigest()
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = HOME / "stamp"
        if marker.exists() and marker.read_text() == stamp:
            return libs
        print("accountpulse: bringing Kafka by Maven into .kafka/libs (once)", file=sys.stderr)
        shutil.rmtree(libs, ignore_errors=True)
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={libs}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Maven failed: {done.stdout[-2_000:]}{done.stderr[-500:]}")
        marker.write_text(stamp)
    return libs


def _command(libs: Path) -> list[str]:
    log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    return ["java", f"-Xmx{HEAP}", "-XX:+UseG1GC", log, "-cp", f"{libs}{os.sep}*"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    """Whether it answers a request: ApiVersions (key 18, version 0), which needs no session and no topic."""
    request = b"\x00\x12\x00\x00\x00\x00\x00\x07\xff\xff"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2.0) as connection:
            connection.sendall(len(request).to_bytes(4, "big") + request)
            return connection.recv(8)[4:] == b"\x00\x00\x00\x07"
    except OSError:
        return False


def main() -> None:
    """Run a broker until told to stop."""
    parser = argparse.ArgumentParser(description="A Kafka broker on this machine, without Docker.")
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--directory", type=Path, default=HOME / "data")
    given = parser.parse_args()

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    try:
        with Broker(given.directory, given.port) as broker:
            print(json.dumps({"bootstrap": broker.bootstrap}), flush=True)
            print("accountpulse: Kafka runs; Ctrl-C stops it", file=sys.stderr)
            code = broker._running().wait()
            raise SystemExit(f"the broker ended by itself with {code}")
    except KeyboardInterrupt:
        pass
    except BrokerError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
