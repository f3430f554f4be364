"""The environments of the participants: each its own, made on demand under .peers/ in the checkout.

A stamp holds what an environment was made from; a change of that, or a run cut short, makes it anew.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
HOME = CHECKOUT / ".peers"

TOLD_CHARS = 2_000
"""Of what a tool that failed had to say, its end."""


class UnavailableError(RuntimeError):
    """An environment can't be made, and why."""


class Environment(Protocol):
    """What a participant runs in."""

    def make(self) -> None:
        """Make it, if it is not there. UnavailableError says why it can't be."""

    def command(self, *arguments: str) -> list[str]:
        """What starts the participant's program."""

    def versions(self) -> str:
        """Of what is compared, for people."""


@dataclass(frozen=True)
class Checkout:
    """The environment that this runs in."""

    module: str
    """To be run."""

    def make(self) -> None:
        """It is there."""

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", self.module, *arguments]

    def versions(self) -> str:
        return f"this checkout, Python {platform.python_version()}"


@dataclass(frozen=True)
class Venv:
    """A virtual environment with the versions of the folder's requirements.txt; `program.py` runs in it."""

    folder: str

    def make(self) -> None:
        requirements = HERE / self.folder / "requirements.txt"
        place = HOME / self.folder
        if _stamped(place, wanted := _digest([requirements], sys.version)):
            return
        _run([sys.executable, "-m", "venv", str(place)])
        pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        _run([*pip, "--quiet", "--requirement", str(requirements)])
        (place / "stamp").write_text(wanted)

    def command(self, *arguments: str) -> list[str]:
        python = HOME / self.folder / "bin" / "python"
        return [str(python), "-m", f"benchmarks.peers.{self.folder}.program", *arguments]

    def versions(self) -> str:
        chosen = (HERE / self.folder / "requirements.txt").read_text().partition("#")[0].split()
        return ", ".join([*(line.replace("==", " ") for line in chosen), f"Python {platform.python_version()}"])


@dataclass(frozen=True)
class Maven:
    """A Maven project of ours, built; its class `Peer` runs."""

    folder: str

    def make(self) -> None:
        for tool in ("java", "mvn"):
            if shutil.which(tool) is None:
                raise UnavailableError(f"{tool} is not on PATH (Java 17 and Maven are needed)")
        project, place = HERE / self.folder, HOME / self.folder
        if _stamped(place, wanted := _digest([project / "pom.xml", *sorted(project.rglob("*.java"))])):
            return
        given = [f"-Dtarget={place / 'target'}", f"-DoutputDirectory={place / 'libs'}"]
        _run(["mvn", "-q", "-B", "-f", str(project / "pom.xml"), *given, "package", "dependency:copy-dependencies"])
        (place / "stamp").write_text(wanted)

    def command(self, *arguments: str) -> list[str]:
        place = HOME / self.folder
        path = os.pathsep.join([str(place / "target" / "peer.jar"), str(place / "libs" / "*")])
        return ["java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", path, "Peer", *arguments]

    def versions(self) -> str:
        kafka = re.search(r"<kafka.version>(.*)</kafka.version>", (HERE / self.folder / "pom.xml").read_text())
        told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
        java = re.search(r'version "([^"]*)"', told)
        assert kafka is not None
        return f"Kafka Streams {kafka[1]}, Java {java[1] if java else 'unknown'}"


def _digest(files: Iterable[Path], *others: str) -> str:
    told = [path.read_bytes() for path in files] + [other.encode() for other in others]
    return sha256(b"\0".join(told)).hexdigest()


def _stamped(place: Path, wanted: str) -> bool:
    """Whether it was made from just that; if not, the place is cleared."""
    stamp = place / "stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    print(f"peers: making .peers/{place.name} (once)", file=sys.stderr)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (HOME / ".gitignore").write_text("*\n")
    return False


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}  # it is for ours
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise UnavailableError((done.stdout + done.stderr)[-TOLD_CHARS:])
