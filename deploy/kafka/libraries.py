"""Kafka's own code, brought by Maven into the checkout: what pom.xml names, once, and anew when that changes."""

import fcntl
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
HOME = Path(__file__).parents[2] / ".kafka"

JAVA_MIN = 17
"""What Kafka 4 asks of a broker."""


class BrokerError(RuntimeError):
    """The broker can't be had, and why."""


def missing() -> str:
    """What a broker needs and this machine has not, as text; empty when there is all."""
    lacking = [] if (found := _java_version()) >= JAVA_MIN else [f"Java {JAVA_MIN} (found {found or 'none'})"]
    if not _brought() and shutil.which("mvn") is None:
        lacking.append("Maven (mvn)")
    return " and ".join(lacking)


def libraries() -> Path:
    """The folder of Kafka's own code, brought by Maven when it is not there."""
    if lacking := missing():
        raise BrokerError(f"a broker needs what is not on PATH: {lacking}")
    libs, new = HOME / "libs", HOME / "libs.new"
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _brought():
            return libs
        say("bringing Kafka by Maven into .kafka/libs (once; a minute or so)")
        shutil.rmtree(new, ignore_errors=True)
        command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={new}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerError(f"Maven failed: {done.stdout[-2_000:]}{done.stderr[-500:]}")
        (HOME / "stamp").unlink(missing_ok=True)  # between the old ones and the new ones there are none
        shutil.rmtree(libs, ignore_errors=True)
        new.rename(libs)
        (HOME / "stamp").write_text(_stamp())
    return libs


def say(what: str) -> None:
    """A line for people."""
    print(f"accountpulse: {what}", file=sys.stderr, flush=True)


def _stamp() -> str:
    return sha256(POM.read_bytes()).hexdigest()


def _brought() -> bool:
    stamp = HOME / "stamp"
    return stamp.exists() and stamp.read_text() == _stamp()


def _java_version() -> int:
    """The major version; 0 when there is none that runs."""
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):  # macOS has a `java` that only says where to get one
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0
