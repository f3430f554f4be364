"""What is compiled does what its source says, to the byte; what is older than its source is not run."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from streams.compiled import LIST, MODULES, ROOT, SHARED, is_compiled, machine_code, outdated

LIVES = """
import hashlib, json, sys
import scoring.account
from streams.configuration import load
from streams.history import replay_files
from streams.replay import Listener, Replay

configuration, triggers, scores = load(), [], []
run = Replay(
    configuration.engine(), Listener(triggers.append, lambda at, found: scores.extend(s.to_json() for s in found))
)
replay_files(run, [sys.argv[1]], configuration.vocabulary)
records = b"".join(run.engine.pack(account) for account in run.accounts.values())
print(json.dumps({
    "from": scoring.account.__file__, "accounts": len(run.accounts), "triggers": len(triggers), "scores": len(scores),
    "digests": [hashlib.sha256(part).hexdigest() for part in (
        records, json.dumps(triggers).encode(), json.dumps(scores).encode(),
    )],
}))
"""


def lives(root: Path, history: Path) -> dict[str, object]:
    """What a replay of the history by the code in `root` makes: how many of what, and digests of all of it."""
    done = subprocess.run(
        [sys.executable, "-c", LIVES, str(history)], cwd=root, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(root)}, timeout=100,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(
    not is_compiled(), reason="NOTHING IS COMPILED HERE: this machine has no C compiler, or `make compiled` was not run"
)
def test_compiled_and_interpreted_make_the_same_records_triggers_and_scores(tmp_path: Path) -> None:
    history, sources = tmp_path / "history.jsonl", tmp_path / "sources"
    with history.open("wb") as out:
        subprocess.run(
            [sys.executable, "-m", "streams", "simulate", "--accounts", "60", "--days", "300", "--seed", "7"],
            stdout=out, check=True, cwd=ROOT, timeout=100,
        )  # fmt: skip
    for package in ("scoring", "plays", "scorecard", "streams"):
        shutil.copytree(ROOT / package, sources / package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    interpreted, compiled = lives(sources, history), lives(ROOT, history)
    assert str(interpreted.pop("from")).endswith(".py")
    assert str(compiled.pop("from")).endswith(".so")
    assert compiled == interpreted
    assert interpreted["accounts"] == 60
    assert interpreted["triggers"]
    assert interpreted["scores"]


@pytest.fixture
def compiled_tree(tmp_path: Path) -> Path:
    """A folder that looks compiled."""
    for module in MODULES:
        source = tmp_path / module
        source.parent.mkdir(parents=True, exist_ok=True)
        source.touch()
        machine_code(module, tmp_path).touch()
    (tmp_path / SHARED).touch()
    (tmp_path / LIST).touch()
    for path in tmp_path.rglob("*"):
        os.utime(path, (1_000, 1_000))
    return tmp_path


def test_what_was_compiled_of_these_very_sources_is_not_outdated(compiled_tree: Path) -> None:
    assert outdated(compiled_tree) == []


def test_a_source_that_was_edited_since_is_named(compiled_tree: Path) -> None:
    os.utime(compiled_tree / MODULES[3], (1_001, 1_001))
    assert outdated(compiled_tree) == [MODULES[3]]


def test_a_module_that_was_left_out_is_named(compiled_tree: Path) -> None:
    machine_code(MODULES[5], compiled_tree).unlink()
    assert outdated(compiled_tree) == [MODULES[5]]


def test_a_list_of_modules_that_changed_is_a_reason_to_compile_anew(compiled_tree: Path) -> None:
    os.utime(compiled_tree / LIST, (1_001, 1_001))
    assert outdated(compiled_tree) == [LIST]


def test_where_nothing_is_compiled_nothing_is_outdated(compiled_tree: Path) -> None:
    (compiled_tree / SHARED).unlink()
    os.utime(compiled_tree / MODULES[0], (1_001, 1_001))
    assert outdated(compiled_tree) == []


def test_all_that_may_be_compiled_is_there() -> None:
    assert [module for module in MODULES if not (ROOT / module).is_file()] == []
