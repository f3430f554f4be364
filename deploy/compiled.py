"""Compiles the modules in which most of an event's time is spent, by mypyc, beside their sources.

    python -m deploy.compiled [--must] [FOLDER]     compile what lies in FOLDER (this checkout), unless it is up to date
    python -m deploy.compiled --remove [FOLDER]     run the sources again

Where there is no C compiler, or no headers of Python, nothing is made and the sources run; with --must, as in CI, that
is an error.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from streams.compiled import MODULES, ROOT, SHARED, is_compiled, outdated

PACKAGES = ("scoring", "plays", "scorecard", "streams")


def missing() -> str:
    """What compiling needs and this machine has not, as text; empty when there is all."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    lacking = [] if shutil.which(compiler) else [f"a C compiler ({compiler})"]
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        lacking.append("Python's headers (on Debian and Ubuntu: apt install python3-dev)")
    return " and ".join(lacking)


def remove(root: Path) -> None:
    """Take away all machine code, that of other Pythons too."""
    for path in [
        *root.glob("accountpulse__mypyc.*.so"),
        *(so for name in PACKAGES for so in (root / name).rglob("*.so")),
    ]:
        path.unlink()


def build(root: Path) -> None:
    """Compile all modules; CalledProcessError, with what the compiler said, where that fails. All or nothing."""
    began = time.time()
    remove(root)
    with tempfile.TemporaryDirectory() as place:
        try:
            subprocess.run(
                [sys.executable, __file__, "--build", place], cwd=root, check=True, capture_output=True, text=True
            )
        except BaseException:
            remove(root)
            raise
    # what is edited while the compiler runs is newer than what it read
    os.utime(root / SHARED, (began, began))


def _build_here(place: str) -> None:
    """In a process of its own, whose working directory is the root."""
    from mypyc.build import mypycify  # noqa: PLC0415 - needed only here, and not installed everywhere
    from setuptools import Distribution  # noqa: PLC0415
    from setuptools.command.build_ext import build_ext  # noqa: PLC0415

    options = [f"--config-file={Path(__file__).parents[1] / 'pyproject.toml'}", f"--cache-dir={place}/mypy"]
    sys.path.insert(0, str(Path.cwd()))
    extensions = mypycify(
        [*options, *MODULES], opt_level="2", debug_level="0", group_name="accountpulse", target_dir=f"{place}/c"
    )
    # Not by setup(): it would read pyproject.toml, which is another build's.
    command = build_ext(Distribution({"name": "accountpulse", "ext_modules": extensions}))
    command.inplace, command.build_temp, command.build_lib = True, f"{place}/o", f"{place}/lib"
    command.ensure_finalized()
    command.run()


def main() -> int:
    """0 when what can be compiled is, or with --must only when all is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, metavar="FOLDER", help="what the packages lie in")
    parser.add_argument(
        "--must", action="store_true", default=os.environ.get("CI") == "true", help="fail where it can't be compiled"
    )
    parser.add_argument("--remove", action="store_true", help="take the machine code away")
    parser.add_argument("--build", metavar="PLACE", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.build:
        _build_here(said.build)
        return 0
    root = said.root.resolve()
    if said.remove:
        remove(root)
        return 0
    if is_compiled(root) and not outdated(root):
        return 0
    if lacking := missing():
        remove(root)
        _say(f"nothing is compiled, and all is slower by a quarter, for this machine lacks {lacking}")
        return int(said.must)
    _say("compiling what is slow otherwise (once; a minute)")
    try:
        build(root)
    except subprocess.CalledProcessError as error:
        _say(f"it could not be compiled, so all is slower by a quarter: {(error.stdout + error.stderr)[-2_000:]}")
        return int(said.must)
    return 0


def _say(what: str) -> None:
    print(f"accountpulse: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
