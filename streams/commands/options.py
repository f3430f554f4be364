"""Options that several commands share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from scoring.days import instant
from streams import console
from streams.configuration import Configuration, load

ProfileFile = Annotated[
    Path | None, typer.Option("--profile", help="Profile (YAML). Default: the one that is shipped.")
]
PlaysFile = Annotated[Path | None, typer.Option("--plays", help="Plays (YAML). Default: the starter set.")]
VocabularyFile = Annotated[
    Path | None, typer.Option("--vocabulary", help="Your names of events (YAML), on top of those shipped.")
]


def configured(profile: Path | None, plays: Path | None, vocabulary: Path | None) -> Configuration:
    """The configuration of these options; exit code 2, with every problem, when it can't be used."""
    with console.refusing():
        configuration = load(profile, plays, vocabulary)
    if configuration.left_out:
        unfit = "; ".join(f"{play} ({', '.join(lacking)})" for play, lacking in configuration.left_out)
        console.note(f"shipped plays left out, because profile {configuration.profile.label} lacks: {unfit}")
    return configuration


def moment(text: str | None) -> float | None:
    """Unix seconds of an option's ISO 8601 date or date-time; typer.BadParameter when it is none."""
    if text is None:
        return None
    at = instant(text)
    if at is None:
        raise typer.BadParameter(
            f"{text!r} is no ISO 8601 date or date-time of 1970 to 2199, such as 2026-01-31T12:00:00Z"
        )
    return at


def wall_clock() -> float:
    """The true time, unix seconds. The only clocks of the product are in its runtimes and commands."""
    return datetime.now(UTC).timestamp()


def tolerant_wall() -> float:
    """What may at the latest have arrived, for files from machines whose clocks are a little ahead."""
    return wall_clock() + timedelta(hours=1).total_seconds()
