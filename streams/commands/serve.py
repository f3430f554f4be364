"""`accountpulse serve`: the service on one machine, or on Kafka."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured
from streams.commands.topics import SettingsFile, kafka, refuse_unfit

if TYPE_CHECKING:
    from streams.configuration import Configuration
    from streams.http.access import Access

WRITE_KEYS, READ_TOKEN = "ACCOUNTPULSE_WRITE_KEYS", "ACCOUNTPULSE_READ_TOKEN"


def serve(
    data: Annotated[
        Path, typer.Option(help="Directory of the database (with --kafka, of the read model); made when not there.")
    ],
    host: Annotated[str, typer.Option(help="Address to listen on. Beyond loopback, keys are required.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 is any free one.", min=0, max=65_535)] = 8080,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
    on_kafka: Annotated[
        bool, typer.Option("--kafka", help="Send events to Kafka, and answer from what its workers put out.")
    ] = False,
    kafka_settings: SettingsFile = None,
) -> None:
    """Take events over HTTP (Segment's API), keep scores and plays, answer what is asked. Ends cleanly on SIGTERM.

    Keys come from the environment: ACCOUNTPULSE_WRITE_KEYS (key or key:stream, separated by commas) for intake,
    ACCOUNTPULSE_READ_TOKEN for reading.
    """
    from streams.embedded.store import (
        StoreError,
    )  # heavy imports only where they are needed: other commands start faster
    from streams.http.access import AccessError, access
    from streams.http.server import serve as run

    console.log("info")
    if on_kafka and (profile or plays):
        raise typer.BadParameter("with --kafka it is the workers that have --profile and --plays")
    if kafka_settings and not on_kafka:
        raise typer.BadParameter("--kafka-settings without --kafka")
    configuration = configured(profile, plays, vocabulary)

    def told(url: str) -> None:
        console.say({"listening": url, "data": str(data)})

    try:
        keys = access(os.environ.get(WRITE_KEYS, ""), os.environ.get(READ_TOKEN, ""))
        if on_kafka:
            code = _on_kafka(data, configuration, keys, kafka_settings, host, port, told)
        else:
            code = run(data, configuration, keys, host=host, port=port, on_listening=told)
    except (AccessError, StoreError, OSError) as error:
        console.people.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(console.EXIT_REFUSED) from None
    raise typer.Exit(code)


def _on_kafka(
    data: Path, configuration: "Configuration", keys: "Access", file: Path | None, host: str, port: int,
    on_listening: Callable[[str], None],
) -> int:  # fmt: skip
    logging.getLogger("kafka").setLevel(logging.ERROR)  # only asks for the topics, and tells of every step
    with kafka(file) as settings:
        from streams.http.server import run
        from streams.kafka import administration
        from streams.kafka.service.service import opening

        keys.check(host)
        refuse_unfit(settings)
        opened = opening(data, administration.identities(settings), settings, configuration.vocabulary, keys)
        return run(opened, keys, host=host, port=port, on_listening=on_listening)
