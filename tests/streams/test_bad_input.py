"""Every line of the corpus ends as one dead letter, with its bytes, and harms nobody."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.dead_letter import REASONS, VALUE_CHARS_MAX
from streams.refusal import FIELD_CHARS_MAX
from streams.vocabulary import shipped
from streams.wire import Decoded, decode
from tests.streams.messages import line

WALL = 1_780_272_000.0  # 2026-06-01T00:00:00Z, as the corpus says
CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).parents[1] / "data" / "bad_input" / "cases.yaml")[
    "cases"
]
OF_THE_RUNTIME = {"encoding", "wrong_partition", "engine_error"}
"""Reasons that no line of a file can have: a request's body has the first, a Kafka message the second, an event
that was accepted the third."""
GOOD = [line(messageId=f"good-{number}", event=f"Step {number}") for number in range(len(CASES) + 1)]


def raw(case: dict[str, Any]) -> bytes:
    if "base64" in case:
        return b64decode(case["base64"])
    parts = case.get("parts") or [[case["line"], 1]]
    return "".join(text * times for text, times in parts).encode()


def read(lines: list[bytes], *, live: bool = False) -> Decoded:
    now = WALL if live else None
    return decode(lines, vocabulary=shipped(), now=now, wall=WALL, live=live)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_bad_line_is_one_dead_letter_that_says_what_is_wrong(case: dict[str, Any]) -> None:
    events, dead, passed = read([raw(case)], live=case.get("live", False))
    assert (events, passed) == ([], [])
    (letter,) = dead
    assert (letter.reason, letter.field) == (case["reason"], case.get("field", ""))
    assert letter.raw == raw(case)
    assert letter.message
    assert (letter.position, letter.at) == ("-:1", WALL)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_dead_letter_is_json_of_bounded_size_beside_its_bytes(case: dict[str, Any]) -> None:
    (letter,) = read([raw(case)], live=case.get("live", False)).dead
    told = json.loads(json.dumps(letter.to_json(), allow_nan=False))
    assert b64decode(told["raw"]) == raw(case)
    assert told["raw_text"] is None or told["raw_text"].encode() == raw(case)
    assert len(told["value"]) <= VALUE_CHARS_MAX
    assert len(told["field"]) <= FIELD_CHARS_MAX
    assert len(told["message"]) < 300


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_neighbours_of_a_bad_line_come_out_as_if_alone(case: dict[str, Any]) -> None:
    live = case.get("live", False)
    decoded = read([GOOD[0], raw(case), GOOD[1]], live=live)
    assert decoded.events == read([GOOD[0]], live=live).events + read([GOOD[1]], live=live).events
    assert [(letter.item, letter.position) for letter in decoded.dead] == [(1, "-:2")]


def test_all_of_them_together_leave_every_good_line_untouched() -> None:
    cases = [case for case in CASES if not case.get("live")]
    lines = [GOOD[0]]
    for good, case in zip(GOOD[1:], cases, strict=False):
        lines += [raw(case), good]
    decoded = read(lines)
    assert [event.message_id for event in decoded.events] == [f"good-{number}" for number in range(len(cases) + 1)]
    assert [letter.raw for letter in decoded.dead] == [raw(case) for case in cases]
    assert [letter.reason for letter in decoded.dead] == [case["reason"] for case in cases]


def test_the_corpus_is_large_and_shows_every_reason_that_a_line_can_have() -> None:
    assert len(CASES) >= 60
    assert {case["reason"] for case in CASES} == set(REASONS) - OF_THE_RUNTIME
