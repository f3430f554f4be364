"""`accountpulse topics`: the topics of the Kafka runtime."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams import console

if TYPE_CHECKING:
    from streams.kafka.settings import Settings

topics_app = typer.Typer(help="Topics: what the Kafka runtime reads and writes.", no_args_is_help=True)

SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--kafka-settings", metavar="FILE",
        help="Properties file, as Kafka's clients have it. ACCOUNTPULSE_KAFKA_... in the environment wins over it.",
    ),
]  # fmt: skip


@topics_app.command("create")
def create_topics(kafka_settings: SettingsFile = None) -> None:
    """Make the topics that are not there, then check all. Prints a JSON line for each that was made."""
    with kafka(kafka_settings) as settings:
        from streams.kafka import administration

        for name in administration.create(settings):
            console.say({"topic": name, "created": True})
        _check(settings)


@topics_app.command("check")
def check_topics(kafka_settings: SettingsFile = None) -> None:
    """Check the topics that are there. Prints a JSON line for each difference, and its reason; exit code 1 then."""
    with kafka(kafka_settings) as settings:
        _check(settings)


@topics_app.command("describe")
def describe_topics(kafka_settings: SettingsFile = None) -> None:
    """Print a JSON line for each topic: what it is for, and how it is."""
    with kafka(kafka_settings) as settings:
        from streams.kafka import administration

        for topic, found in administration.describe(settings):
            shown = None if found is None else found.config
            console.say(
                {
                    "topic": topic.name, "purpose": topic.purpose, "there": found is not None,
                    "partitions": None if found is None else found.partitions,
                    "replication": None if found is None else found.replication,
                    "config": {name: None if shown is None else shown.get(name) for name in topic.config},
                }
            )  # fmt: skip


@topics_app.command("accept")
def accept_topics(kafka_settings: SettingsFile = None) -> None:
    """Have workers go on with input topics that were deleted and made anew: all that these hold is taken, as never
    applied. Stop all workers first. Prints a JSON line for each partition; none when no topic was made anew.
    """
    with kafka(kafka_settings) as settings:
        from streams.kafka.acceptance import accept
        from streams.kafka.changelog import ClaimedByOtherError
        from streams.kafka.publication import RefusedError

        refuse_unfit(settings)
        try:
            accepted = asyncio.run(accept(settings, f"{socket.gethostname()}:{os.getpid()}"))
        except (RefusedError, ClaimedByOtherError) as error:
            console.error(error)
            raise typer.Exit(console.EXIT_REFUSED) from None
        for one in accepted:
            console.say(one._asdict())


def _check(settings: "Settings") -> None:
    from streams.kafka import administration

    mismatches = administration.check(settings)
    for mismatch in mismatches:
        console.say({**mismatch._asdict(), "reason": mismatch.reason})
        console.error(mismatch.reason)
    if mismatches:
        raise typer.Exit(console.EXIT_PROBLEMS)


def refuse_unfit(settings: "Settings") -> None:
    """Say how the topics differ from what they must be; exit code 2 when they do."""
    from streams.kafka import administration

    mismatches = administration.check(settings)
    for mismatch in mismatches:
        console.people.print(f"error: {mismatch.reason}", markup=False, soft_wrap=True)
    if mismatches:
        raise typer.Exit(console.EXIT_REFUSED)


@contextmanager
def kafka(file: Path | None) -> Iterator["Settings"]:
    """The settings; what is wrong with them, or with the way to the brokers, is told, with exit code 2."""
    try:
        from streams.kafka.administration import UnreachableError
        from streams.kafka.settings import SettingsError, load_settings
    except ImportError as error:
        console.people.print(f"error: {error.name} is not installed: pip install 'accountpulse[kafka]'", markup=False)
        raise typer.Exit(console.EXIT_REFUSED) from None
    try:
        yield load_settings(file)
    except (SettingsError, UnreachableError) as error:
        for line in str(error).splitlines():
            console.error(line)
        raise typer.Exit(console.EXIT_REFUSED) from None
