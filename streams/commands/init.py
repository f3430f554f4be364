"""`accountpulse init`: a commented starter project."""

import json
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from plays.case import CaseFile
from plays.cohort import CohortPlaysFile, cohort_plays_text
from plays.play import PlaybookFile
from scorecard.settings.file import ScorecardFile, shipped_text
from scoring.profile_file import ProfileFile
from streams import console
from streams.configuration import shipped
from streams.vocabulary import VocabularyFile

SCHEMAS: dict[str, type[BaseModel]] = {
    "profile": ProfileFile,
    "plays": PlaybookFile,
    "plays.test": CaseFile,
    "cohort_plays": CohortPlaysFile,
    "scorecard": ScorecardFile,
    "vocabulary": VocabularyFile,
}
"""The files that people write, by the name that they have in a project."""


def schema_text(model: type[BaseModel]) -> str:
    """The schema of a file's model as a file's text; the order of keys is that of the model."""
    return json.dumps(model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def init(
    directory: Annotated[
        Path, typer.Argument(help="Where; made when it is not there, refused when a file is in the way.")
    ],
) -> None:
    """Write a commented starter project: profile, plays with a test, plays over cohorts, scorecard, vocabulary, example
    events, schemas for editors.
    """
    starter = resources.files("streams").joinpath("starter")
    files = {
        "profile.yaml": _with_schema("profile", shipped("profile")),
        "plays.yaml": _with_schema("plays", shipped("plays")),
        "plays.test.yaml": _with_schema("plays.test", starter.joinpath("plays.test.yaml").read_text(encoding="utf-8")),
        "cohort_plays.yaml": _with_schema("cohort_plays", cohort_plays_text()),
        "scorecard.yaml": _with_schema("scorecard", shipped_text()),
        "vocabulary.yaml": _with_schema("vocabulary", starter.joinpath("vocabulary.yaml").read_text(encoding="utf-8")),
        "events.jsonl": starter.joinpath("events.jsonl").read_text(encoding="utf-8"),
        "README.md": starter.joinpath("README.md").read_text(encoding="utf-8"),
        **{f"schemas/{name}.schema.json": schema_text(model) for name, model in SCHEMAS.items()},
    }
    in_the_way = sorted(name for name in files if (directory / name).exists())
    if in_the_way:
        console.people.print(
            f"error: {directory}: already there, not overwritten: {', '.join(in_the_way)}", markup=False
        )
        raise typer.Exit(console.EXIT_REFUSED)
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        console.say({"written": str(path)})


def _with_schema(name: str, text: str) -> str:
    return f"# yaml-language-server: $schema=schemas/{name}.schema.json\n{text}"
