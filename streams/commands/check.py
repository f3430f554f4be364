"""`accountpulse profile`, `plays` and `vocabulary`: checks, tests and schemas of the files that people write."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from plays.case import CaseFile, load_cases
from plays.cohort import load_cohort_plays
from plays.engine import names
from plays.play import PlaybookFile
from plays.playbook import Playbook, load_playbook
from plays.rehearsal import rehearse, through
from scorecard.catalogue import figures
from scoring.account import bytes_max
from scoring.document import Document, DocumentError
from scoring.event import Event
from scoring.profile import Profile, load_profile
from scoring.profile_file import ProfileFile as ProfileModel
from streams import console
from streams import vocabulary as vocabularies
from streams.commands.options import PlaysFile, ProfileFile
from streams.configuration import Configuration, text_of
from streams.wire import decode

profile_app = typer.Typer(help="Profiles: how a score is made.", no_args_is_help=True)
plays_app = typer.Typer(help="Plays: what follows from it.", no_args_is_help=True)
vocabulary_app = typer.Typer(help="Vocabularies: which event name means what.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files, YAML.")]


@profile_app.command("check")
def check_profile(files: Files) -> None:
    """Check profiles. Prints a JSON line for each; exit code 1 when one has problems, each told with file, line,
    key, value.
    """
    _check(files, lambda path: _about_profile(_profile(path)))


@plays_app.command("check")
def check_plays(
    files: Files,
    profile: ProfileFile = None,
    cohorts: Annotated[bool, typer.Option("--cohorts", help="These are plays over cohorts.")] = False,
) -> None:
    """Check play files against a profile, or those over cohorts against the scorecard's figures: every condition is
    type-checked. Exit code 1 when one has problems.
    """
    if cohorts:
        _check(files, lambda path: _about_plays(_cohort_plays(path)))
        return
    with console.refusing():
        variables = names(_profile(profile))
    _check(files, lambda path: _about_plays(_playbook(path, variables)))


@vocabulary_app.command("check")
def check_vocabulary(files: Files) -> None:
    """Check vocabularies. Exit code 1 when one has problems."""
    _check(files, lambda path: {"events": len(vocabularies.load(text_of(path, "vocabulary")[0], file=str(path)).known)})


@plays_app.command("test")
def test_plays(files: Files, profile: ProfileFile = None, plays: PlaysFile = None) -> None:
    """Run test files: a series of events or values in, the expected triggers out. Exit code 1 when a case fails."""
    failed = 0
    for path in files:
        with console.refusing():
            text, file = text_of(path, "")
            cases = load_cases(text, file=file)
            loaded = _profile(_beside(path, cases.model.profile) or profile)
            text, file = text_of(_beside(path, cases.model.plays) or plays, "plays")
            playbook = load_playbook(text, file=file, profile_names=names(loaded))
        failed += _test(path, cases, loaded, playbook)
    if failed:
        raise typer.Exit(console.EXIT_PROBLEMS)


def _test(path: Path, cases: Document[CaseFile], profile: Profile, playbook: Playbook) -> int:
    """Run one file's cases; how many failed."""
    configuration = Configuration(profile, playbook, vocabularies.shipped())
    failed = 0

    def read(messages: Sequence[Mapping[str, Any]]) -> list[Event]:
        decoded = decode([json.dumps(message).encode() for message in messages], vocabulary=configuration.vocabulary)
        if decoded.dead:
            raise ValueError(f"message {decoded.dead[0].position}: {decoded.dead[0].field}: {decoded.dead[0].message}")
        return decoded.events

    for outcome in rehearse(cases, playbook, through(configuration.engine(publishing=False), read)):
        console.say({"file": str(path), **outcome.to_json()})
        for problem in outcome.problems:
            console.line("[red]failed[/]", problem)
        failed += bool(outcome.problems)
    return failed


@profile_app.command("schema")
def profile_schema() -> None:
    """The JSON Schema of a profile, for editors."""
    console.say(ProfileModel.model_json_schema())


@plays_app.command("schema")
def plays_schema(tests: Annotated[bool, typer.Option("--tests", help="That of a test file instead.")] = False) -> None:
    """The JSON Schema of a play file, for editors."""
    console.say((CaseFile if tests else PlaybookFile).model_json_schema())


@vocabulary_app.command("schema")
def vocabulary_schema() -> None:
    """The JSON Schema of a vocabulary, for editors."""
    console.say(vocabularies.VocabularyFile.model_json_schema())


def _check(files: Sequence[Path], about: Callable[[Path], dict[str, Any]]) -> None:
    """Say of each file what it holds, or everything that is wrong with it."""
    bad = False
    for path in files:
        try:
            console.say({"file": str(path), "ok": True, **about(path)})
        except DocumentError as error:
            bad = True
            problems = [problem._asdict() for problem in error.problems]
            console.say({"file": str(path), "ok": False, "problems": problems})
            console.show_problems(error)
    if bad:
        raise typer.Exit(console.EXIT_PROBLEMS)


def _profile(path: Path | None) -> Profile:
    text, file = text_of(path, "profile")
    return load_profile(text, file=file)


def _playbook(path: Path, variables: Any) -> Playbook:
    text, file = text_of(path, "plays")
    return load_playbook(text, file=file, profile_names=variables)


def _cohort_plays(path: Path) -> Playbook:
    text, file = text_of(path, "")
    return load_cohort_plays(text, file=file, figures=[*figures()]).playbook


def _beside(path: Path, name: str | None) -> Path | None:
    return None if name is None else path.parent / name


def _about_profile(profile: Profile) -> dict[str, Any]:
    return {
        "profile": profile.label,
        "metrics": len(profile.file.metrics),
        "record_bytes_max": bytes_max(profile.layout, 0),
    }


def _about_plays(playbook: Playbook) -> dict[str, Any]:
    return {"plays": sorted(playbook.plays), "version": playbook.version}
