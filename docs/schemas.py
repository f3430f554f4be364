"""JSON Schemas of the files that people write, for their editors: what the commands give out, as files."""

import json

from pydantic import BaseModel

from plays.case import CaseFile
from plays.play import PlaybookFile
from scoring.profile_file import ProfileFile
from streams.vocabulary import VocabularyFile


def text(model: type[BaseModel]) -> str:
    """The schema of a file's model as a file's text; the order of keys is that of the model."""
    return json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def profile() -> str:
    """Of a profile."""
    return text(ProfileFile)


def plays() -> str:
    """Of a play file."""
    return text(PlaybookFile)


def cases() -> str:
    """Of a test file for plays."""
    return text(CaseFile)


def vocabulary() -> str:
    """Of a vocabulary."""
    return text(VocabularyFile)
