"""JSON Schemas of the files that people write, for their editors."""

import json
from typing import Any

from pydantic import BaseModel

from plays.case import CaseFile
from plays.play import PlaybookFile
from scoring.profile import ProfileFile
from streams.vocabulary import VocabularyFile


def of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of a file's model, with what an editor shows as its name."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(),
        "title": title,
    }


def text(schema: dict[str, Any]) -> str:
    """A schema as a file's text; the order of keys is that of the models."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def profile() -> str:
    """Of a profile."""
    return text(of(ProfileFile, "accountpulse profile"))


def plays() -> str:
    """Of a play file."""
    return text(of(PlaybookFile, "accountpulse plays"))


def cases() -> str:
    """Of a test file for plays."""
    return text(of(CaseFile, "accountpulse tests of plays"))


def vocabulary() -> str:
    """Of a vocabulary."""
    return text(of(VocabularyFile, "accountpulse vocabulary"))
