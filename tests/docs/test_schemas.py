"""The JSON Schemas for editors accept what the program accepts, and say no where it says no."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "schemas"


def problems(kind: str, text: str) -> list[str]:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    document: Any = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize(
    ("kind", "package", "name"), [("profile", "scoring", "default_profile.yaml"), ("plays", "plays", "starter.yaml")]
)
def test_what_is_shipped_is_valid(kind: str, package: str, name: str) -> None:
    assert problems(kind, resources.files(package).joinpath(name).read_text(encoding="utf-8")) == []


def test_a_vocabulary_of_ones_own_is_valid() -> None:
    text = "events: {qbr_completed: {names: [Review held]}}\nown: {invoice_paid: {stream: revenue, names: [Paid]}}\n"
    assert problems("vocabulary", text) == []


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("profile", "name: a\nversion: '1'\nmetrix: {}\n", "metrix"),
        ("profile", "name: a\nversion: 1\n", "1 is not of type 'string'"),
        ("plays", "version: '1'\nplays: {calm: {hold_for: 90}}\n", "90 is not of type 'string'"),
        ("plays", "version: '1'\nplays: {calm: {severity: fatal}}\n", "fatal"),
        ("vocabulary", "own: {invoice_paid: {stream: money}}\n", "money"),
    ],
)
def test_what_is_wrong_is_shown_in_the_editor(kind: str, text: str, says: str) -> None:
    assert any(says in problem for problem in problems(kind, text))
