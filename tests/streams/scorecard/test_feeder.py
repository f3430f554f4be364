"""The process that feeds the scorecard ends by itself with a code that says why."""

import pickle
import subprocess
from pathlib import Path

import pytest

from scorecard.settings.file import default_scorecard
from streams.scorecard.feeder import REFUSED
from streams.scorecard.order import Order
from streams.scorecard.process import COMMAND
from tests.streams.embedded.running import VOCABULARY, running

PATIENCE_S = 60.0


@pytest.mark.parametrize(("broken", "code"), [("scorecard.db", REFUSED), ("accountpulse.db", 1)])
def test_a_process_that_ends_while_its_service_lives_says_why(tmp_path: Path, broken: str, code: int) -> None:
    """And is not aborted by Python because a thread of it still waits for the service's end."""
    with running(tmp_path):
        pass
    (tmp_path / broken).write_bytes(b"no database at all" * 1_000)
    order = Order(tmp_path, tmp_path / "scorecard.db", default_scorecard(), VOCABULARY)
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(pickle.dumps(order))
        process.stdin.flush()
        assert process.wait(PATIENCE_S) == code
