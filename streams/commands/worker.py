"""`accountpulse worker`: one of the processes that share the work of a Kafka cluster."""

import logging
from typing import Annotated

import typer

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured
from streams.commands.topics import SettingsFile, kafka


def worker(
    kafka_settings: SettingsFile = None,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
    log_level: Annotated[str, typer.Option(help="Of what is said on stderr.")] = "info",
) -> None:
    """Share the work: read the input topics, keep the records, send health, triggers and dead letters.

    Any number may run; what one owned goes to the others when it ends. Stops cleanly on SIGTERM.
    """
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    configuration = configured(profile, plays, vocabulary)
    with kafka(kafka_settings) as settings:
        import faust

        from streams.kafka import administration
        from streams.kafka.app import made

        mismatches = administration.check(settings)
        for mismatch in mismatches:
            console.people.print(f"error: {mismatch.reason}", markup=False, soft_wrap=True)
        if mismatches:
            raise typer.Exit(console.EXIT_REFUSED)
        faust.Worker(made(settings, configuration), loglevel=log_level).execute_from_commandline()
