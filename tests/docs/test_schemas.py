"""The JSON Schemas for editors accept what the program accepts, and say no where it says no."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from typer.testing import CliRunner

from streams.cli import app

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


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("profile", ["profile", "schema"]),
        ("plays", ["plays", "schema"]),
        ("cases", ["plays", "schema", "--tests"]),
        ("vocabulary", ["vocabulary", "schema"]),
    ],
)
def test_a_command_gives_the_schema_that_the_editor_finds_in_the_checkout(kind: str, command: list[str]) -> None:
    told = CliRunner().invoke(app, command, catch_exceptions=False)
    given = json.loads(told.stdout)
    assert (told.exit_code, given) == (0, json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")))
    assert given["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert given["title"].startswith("accountpulse ")


def test_a_new_project_has_the_same_schemas(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["init", str(tmp_path)], catch_exceptions=False)
    assert told.exit_code == 0
    names = {"profile": "profile", "plays": "plays", "cases": "plays.test", "vocabulary": "vocabulary"}
    for kind, name in names.items():
        given = (tmp_path / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
        assert given == (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"), kind


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
