"""What is shown of a refused value, and what is not."""

from typing import Any

import pytest

from streams.dead_letter import VALUE_CHARS_MAX, DeadLetter, shown
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
