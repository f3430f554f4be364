"""A PostgreSQL of this machine's packages, for the tests: in a directory of its own, on a socket of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PLACES = "/usr/lib/postgresql"
"""Where Debian puts the programs, each version in a folder of its own."""

UNPRIVILEGED = ("postgres", "nobody")
"""Who runs it when the tests run as root, which PostgreSQL refuses to be."""

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")
"""Tests kill its clients and never its machine; nobody reaches it but by the socket."""

START_S_MAX = 60


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    folders = sorted(Path(PLACES).glob("*/bin"), reverse=True)
    found = shutil.which("initdb", path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))
    return Path(found).parent if found else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a server that runs meanwhile. folder: of the programs."""
    place = Path(tempfile.mkdtemp(prefix="pg-"))  # not below pytest's: root's own, and too long for a socket's path
    who = _who()
    if who:
        shutil.chown(place, who["user"])
    data = place / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [folder / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=place, timeout=START_S_MAX, **who
        )

    try:
        run("initdb", "-D", str(data), "-U", "scorecard", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        settings = " ".join(f"-c {setting}" for setting in FAST)
        run("pg_ctl", "-D", str(data), "-w", "-l", str(place / "log"), "-o", f"{settings} -k {place}", "start")
        try:
            yield f"postgresql://scorecard@/postgres?host={place}"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _who() -> Mapping[str, Any]:
    """Arguments by which a process is somebody else's, where we are root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in UNPRIVILEGED if name in known)
    return {"user": entry.pw_name, "group": entry.pw_gid, "extra_groups": []}
