"""Runs the commands of README.md and docs/guide/*.md as they are written, in a fresh copy of the checkout.

    python -m docs.commands [FILE.md ...]

A fenced block is run when the line above it says so, which readers do not see:

    <!-- run -->                        must end with exit code 0
    <!-- run exit=1 -->                 must end with this one
    <!-- run background ready=URL -->   one command, started and waited for until the address answers; at the file's
                                        end it is stopped by SIGTERM, and must then end with exit code 0
    ```sh
    ...
    ```

What is needed to run is installed into the copy by its own `make install`. The blocks of a file share one shell: what
one exports holds for the next. A later file finds what an earlier one has written.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).resolve().parent.parent

SECONDS_MAX = 900
"""For a file's commands together, `make run` with its install on a slow connection among them."""

READY_SECONDS_MAX = 60
"""For a service to answer after its start."""

_BLOCK = re.compile(r"^( *)<!-- run\b(.*?) -->\n+\1```(?:sh|bash)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- *run\b")

_BEGIN = """\
set -euo pipefail
services=''
stop() {
  code=$?
  trap - EXIT
  for service in $services; do
    kill -TERM "$service" 2>/dev/null || true
    wait "$service" || { echo "a service ended with exit code $?" >&2; code=1; }
  done
  exit $code
}
trap stop EXIT
"""


class Block(NamedTuple):
    """A marked block."""

    line: int
    text: str
    exit: int
    background: bool
    ready: str


class Malformed(ValueError):
    """A mark that says something we don't know."""


def blocks(markdown: str) -> Iterator[Block]:
    """The marked blocks of a text, in order; Malformed for a mark that is misspelt or marks nothing.

    >>> list(blocks("<!-- run exit=1 -->\\n```sh\\nfalse\\n```"))
    [Block(line=3, text='false\\n', exit=1, background=False, ready='')]
    """
    marked = 0
    for match in _BLOCK.finditer(markdown):
        marked += 1
        indent, words, text = match.groups()
        line = markdown.count("\n", 0, match.start(3)) + 1
        settings = dict(word.partition("=")[::2] for word in words.split())
        if unknown := settings.keys() - {"background", "ready", "exit"}:
            unknown_words = ", ".join(sorted(unknown))
            raise Malformed(f"line {line}: unknown: {unknown_words}; allowed: background, ready=, exit=")
        text = "".join(part.removeprefix(indent) for part in text.splitlines(keepends=True))
        yield Block(line, text, int(settings.get("exit", "0")), "background" in settings, settings.get("ready", ""))
    if marked != len(_MARK.findall(markdown)):
        raise Malformed(
            f"{marked} blocks for {len(_MARK.findall(markdown))} marks: a mark stands right above a ```sh block"
        )


def script(name: str, found: Sequence[Block]) -> str:
    """All blocks of a file as one shell script, which says where it is."""
    parts = [_BEGIN]
    for block in found:
        parts.append(f"echo '--- {name}:{block.line}' >&2\n")
        if block.background:
            parts.append(f'{block.text.rstrip()} &\nservices="$services $!"\n')
            parts.append(f'"$COMMANDS_PYTHON" "$COMMANDS" --wait "{block.ready}"\n' if block.ready else "")
        elif block.exit:
            parts.append(f"set +e\n{block.text}code=$?; set -e\n")
            complaint = f'echo "exit code $code, not {block.exit}" >&2'
            parts.append(f'[ "$code" -eq {block.exit} ] || {{ {complaint}; exit 1; }}\n')
        else:
            parts.append(block.text)
    return "".join(parts)


def copy(target: Path) -> None:
    """What a fresh clone with the present changes would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        source, destination = CHECKOUT / name, target / name
        if source.is_file():  # a file deleted and not yet committed is listed, too
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, destination)


def run(text: str, directory: Path) -> bool:
    """Run a script in a directory, with that copy's own environment; whether it ended well and in time."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([f"{directory}/.venv/bin", os.environ["PATH"]]),
        "COMMANDS": str(Path(__file__).resolve()),
        "COMMANDS_PYTHON": sys.executable,
    }
    environment.pop("MAKEFLAGS", None)  # a `make` inside is not a part of the `make` that may have called us
    with subprocess.Popen(["bash", "-c", text], cwd=directory, env=environment, start_new_session=True) as process:
        try:
            return process.wait(SECONDS_MAX) == 0
        except subprocess.TimeoutExpired:
            print(f"not done within {SECONDS_MAX} s", file=sys.stderr)
            return False
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def wait(url: str) -> int:
    """Exit code 0 as soon as the address answers 200."""
    end = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return 0
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    print(f"{url} did not answer within {READY_SECONDS_MAX} s", file=sys.stderr)
    return 1


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when every command did what it promises."""
    if arguments[:1] == ["--wait"]:
        return wait(arguments[1])
    everything = [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/guide/*.md"))]
    files = [Path(name).resolve() for name in arguments] or everything
    marked = [(str(file.relative_to(CHECKOUT)), list(blocks(file.read_text(encoding="utf-8")))) for file in files]
    failed = []
    with tempfile.TemporaryDirectory(prefix="accountpulse-") as name:
        place = Path(name)
        copy(place)
        if not run("make install", place):
            return 1
        for file, found in marked:
            if found and not run(script(file, found), place):
                failed.append(file)
    count = sum(len(found) for _, found in marked)
    print(f"{count} blocks of {len(marked)} files; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
