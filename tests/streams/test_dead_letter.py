"""What is shown of a refused value, and what is not."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.dead_letter import REASONS, VALUE_CHARS_MAX, DeadLetter, shown
from streams.vocabulary import shipped
from streams.wire import decode
from tests.streams.messages import line


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("event", 7, "7"),
        ("event", "x" * 500, "'" + "x" * (VALUE_CHARS_MAX - 2) + "…"),
        ("event", "a\nb\x1b[31m", r"'a\nb\x1b[31m'"),
        ("context", {"token": "abc"}, "an object of 1"),
        ("properties", ["abc"], "a list of 1"),
        ("properties.n", 10**4_000, "a whole number of 13288 bits"),
        ("properties.password", "hunter2", ""),
        ("properties.user.API_KEY", "sk_live_1", ""),
        ("properties.authorisation", "Bearer x", ""),
        ("properties.sessionId", "x", ""),
    ],
)
def test_a_value_is_cut_escaped_and_kept_back_under_a_secrets_name(field: str, value: Any, expected: str) -> None:
    assert shown(field, value) == expected


def test_no_part_of_a_broken_line_is_shown_beside_its_bytes() -> None:
    broken = line(properties={"password": "hunter2"})[:-1]
    (letter,) = decode([broken], vocabulary=shipped()).dead
    assert "hunter2" not in letter.value + letter.message + letter.field
    assert letter.raw == broken


def test_a_dead_letter_tells_in_json_when_and_where() -> None:
    letter = DeadLetter("empty", "event", "''", "must not be empty", b"\xff", "a.jsonl:7", 6, 1_772_357_400.5)
    assert letter.to_json() == {
        "reason": "empty",
        "field": "event",
        "value": "''",
        "message": "must not be empty",
        "position": "a.jsonl:7",
        "at": "2026-03-01T09:30:00.500000Z",
        "raw": "/w==",
        "raw_text": None,
    }


# --- reasons ---------------------------------------------------------------------------------------------------------

STREAMS = Path(__file__).parents[2] / "streams"

REASON_AT = {"DeadLetter": 0, "Refused": 0, "_wrong": 0, "BodyError": 1}
"""Who writes a reason -> which of its arguments that is."""

HANDED_ON = {"refusal.reason", "error.reason", "row['reason']", "kind"}
"""A reason that one of the others has written; `kind` is pydantic's word for what `_wrong` has."""

RAW_AT = 4
"""The argument of BodyError that holds the bytes: without any there is no dead letter, only an answer."""


def reasons_written() -> Iterator[tuple[str, str]]:
    """(where, reason) of every call in streams/ that writes one."""
    for path in sorted(STREAMS.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id not in REASON_AT:
                continue
            if call.func.id == "BodyError" and len(call.args) <= RAW_AT:
                continue
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            given = named["reason"] if "reason" in named else call.args[REASON_AT[call.func.id]]
            where = f"{path.relative_to(STREAMS)}:{call.lineno}"
            if isinstance(given, ast.Constant):
                yield where, str(given.value)
            else:
                assert ast.unparse(given) in HANDED_ON, f"{where}: {ast.unparse(given)} can't be looked up"


def test_every_reason_that_is_written_anywhere_has_a_meaning_and_no_other_has() -> None:
    written = dict(reasons_written())
    assert {where: reason for where, reason in written.items() if reason not in REASONS} == {}
    assert set(REASONS) == set(written.values())
