"""`accountpulse simulate --lift`: a history with a lift that is known."""

import io
import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.cli import app
from streams.simulate.lift import ACCOUNTS_MAX, write_lift

END = date(2026, 1, 1)


def written(seed: int) -> list[bytes]:
    out = io.BytesIO()
    count = write_lift(out, seed=seed, accounts=60, lift=0.1, end=END)
    lines = out.getvalue().splitlines()
    assert count == len(lines)
    return lines


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    assert written(3) == written(3)
    assert written(3) != written(4)


def test_lines_come_in_order_of_arrival_with_an_id_each() -> None:
    messages = [json.loads(line) for line in written(3)]
    assert all(one["receivedAt"] <= other["receivedAt"] for one, other in pairwise(messages))
    assert len({message["messageId"] for message in messages}) == len(messages)


def test_the_command_writes_the_history_and_its_truth(tmp_path: Path) -> None:
    out, truth = tmp_path / "history.jsonl", tmp_path / "truth.json"
    said = CliRunner().invoke(
        app, ["simulate", "--lift", "0.06", "--accounts", "50", "--out", str(out), "--truth", str(truth)]
    )
    assert said.exit_code == 0, said.output
    told = json.loads(truth.read_text())
    assert (told["period"], told["lift"], told["accounts"]) == ("2025-01-01..2026-01-01", 0.06, 50)
    assert 0 < told["exposed"] < 50
    assert len({json.loads(line)["context"]["groupId"] for line in out.read_bytes().splitlines()}) == 50


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lift", "0.5"], "lift=0.5: must be from 0 to 0.25"),
        (["--lift", "nan"], "lift=nan: must be from 0 to 0.25"),
        (["--lift", "0.1", "--accounts", "0"], f"accounts=0: from 1 to {ACCOUNTS_MAX}"),
        (["--lift", "0.1", "--bulk", "10"], "--lift and --bulk: one of them at most"),
    ],
)
def test_what_cannot_be_planted_is_refused(options: list[str], message: str) -> None:
    said = CliRunner().invoke(app, ["simulate", *options])
    assert said.exit_code == 2
    assert message in " ".join(said.output.replace("│", " ").split())
