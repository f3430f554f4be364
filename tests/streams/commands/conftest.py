"""A history that the commands of the scorecard are tried on."""

from pathlib import Path

import pytest

from scorecard.settings.file import shipped_text
from streams.simulate.scenario import simulate

ACCOUNTS, DAYS = 40, 240


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight months of forty accounts, to the end of 2025."""
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    path.write_bytes(b"\n".join(simulate(11, ACCOUNTS, DAYS).messages) + b"\n")
    return path


@pytest.fixture(scope="session")
def scorecard_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped scorecard with a rate for euros."""
    path = tmp_path_factory.mktemp("scorecard") / "scorecard.yaml"
    path.write_text(shipped_text().replace("currency: USD", "currency: USD\nrates: {EUR: {2024-01-01: 1.1}}"), "utf-8")
    return path
