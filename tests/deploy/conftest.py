"""Programs that load their own configuration files, where they are installed."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_RUN = "DEPLOYMENT NOT TESTED"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def promtool() -> Run:
    """Runs promtool (Debian's package `prometheus`)."""
    return _program("promtool")


@pytest.fixture
def compose() -> Run:
    """Runs docker-compose (Debian's package of this name). It needs no Docker engine to read its file."""
    return _program("docker-compose")


def _program(name: str) -> Run:
    """Skip the test where the program is not installed; in CI, fail it."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{NOT_RUN}: not on PATH: {name}", pytrace=False)
    if found is None:
        pytest.skip(f"{NOT_RUN}: not on PATH: {name}")

    def run(*arguments: str | Path, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([found, *arguments], cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say last, and loudly, what was left out."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr}
    for reason in sorted(reasons):
        if NOT_RUN in reason:
            terminalreporter.write_line(f"FILES IN deploy/ WERE NOT LOADED. {reason}", red=True, bold=True)
