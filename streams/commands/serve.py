"""`accountpulse serve`: the service on one machine, or on Kafka."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured
from streams.commands.reports import ScorecardFile, cohort_plays_of, settings_of
from streams.commands.topics import SettingsFile, kafka, refuse_unfit

if TYPE_CHECKING:
    from plays.cohort import CohortPlays
    from streams.configuration import Configuration
    from streams.http.access import Access
    from streams.scorecard.order import Order

WRITE_KEYS = "ACCOUNTPULSE_WRITE_KEYS"
SCORECARD_URL = "ACCOUNTPULSE_SCORECARD_URL"


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
    scorecard: ScorecardFile = None,
    cohort_plays: Annotated[
        Path | None,
        typer.Option(
            help="Plays over cohorts (YAML): conditions on the scorecard's figures. Default: none. With --kafka, give"
            " it to one service of the installation."
        ),
    ] = None,
) -> None:
    """Take events over HTTP (Segment's API), keep scores and plays, answer what is asked. Ends cleanly on SIGTERM.

    Keys come from the environment: ACCOUNTPULSE_WRITE_KEYS (key or key:stream, separated by commas) for intake,
    ACCOUNTPULSE_READ_TOKEN for reading. So does the URL of a PostgreSQL database for the scorecard,
    ACCOUNTPULSE_SCORECARD_URL; without it the scorecard is a SQLite file in the directory.
    """
    from scorecard.model.database import DatabaseError
    from streams.embedded.store import (
        StoreError,
    )  # heavy imports only where they are needed: other commands start faster
    from streams.http.access import READ_TOKEN, AccessError, access
    from streams.http.server import serve as run
    from streams.scorecard.order import Order, place

    console.log("info")
    if on_kafka and (profile or plays):
        raise typer.BadParameter("with --kafka it is the workers that have --profile and --plays")
    if kafka_settings and not on_kafka:
        raise typer.BadParameter("--kafka-settings without --kafka")
    configuration = configured(profile, plays, vocabulary)
    settings = settings_of(scorecard)
    cohorts = None if cohort_plays is None else cohort_plays_of(cohort_plays, settings)

    def told(url: str) -> None:
        console.say({"listening": url, "data": str(data)})

    try:
        order = Order(data, place(data, os.environ.get(SCORECARD_URL)), settings, configuration.vocabulary)
        keys = access(os.environ.get(WRITE_KEYS, ""), os.environ.get(READ_TOKEN, ""))
        if on_kafka:
            code = _on_kafka(order, configuration, keys, kafka_settings, cohorts, host, port, told)
        else:
            code = run(
                data, configuration, keys, scorecard=order, cohorts=cohorts, host=host, port=port, on_listening=told
            )
    except (AccessError, DatabaseError, StoreError, OSError) as error:
        console.people.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(console.EXIT_REFUSED) from None
    raise typer.Exit(code)


def _on_kafka(
    order: "Order", configuration: "Configuration", keys: "Access", file: Path | None, cohorts: "CohortPlays | None",
    host: str, port: int, on_listening: Callable[[str], None],
) -> int:  # fmt: skip
    logging.getLogger("kafka").setLevel(logging.ERROR)  # only asks for the topics, and tells of every step
    with kafka(file) as settings:
        from streams.http.server import run
        from streams.kafka import administration
        from streams.kafka.service.service import opening

        keys.check(host)
        refuse_unfit(settings)
        topics = administration.identities(settings)
        order = order._replace(topics=(settings, topics))
        opened = opening(order.directory, topics, settings, configuration.vocabulary, keys, order, cohorts)
        return run(opened, keys, host=host, port=port, on_listening=on_listening)
