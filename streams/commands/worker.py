"""`accountpulse worker`: one of the processes that share the work of a Kafka cluster."""

import logging
from typing import Annotated

import typer

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured
from streams.commands.topics import SettingsFile, kafka, refuse_unfit


def worker(
    kafka_settings: SettingsFile = None,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
    files_only: Annotated[
        bool, typer.Option("--files-only", help="Use these files, whatever the configuration topic holds.")
    ] = False,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where /metrics, /healthz and /readyz are. Beyond loopback, a read token is required. Default: the"
            " setting metrics_host (127.0.0.1).",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65_535,
            help="Port of these; 0 is any free one. Default: the setting metrics_port (9464).",
        ),
    ] = None,
    log_level: Annotated[str, typer.Option(help="Of what is said on stderr.")] = "info",
) -> None:
    """Share the work: read the input topics, keep the records, send health, triggers and dead letters.

    Profile, plays and vocabulary are the newest of `accountpulse configuration publish`; the files are for as long as
    nothing was published. Any number may run; what one owned goes to the others when it ends. Stops cleanly on SIGTERM.
    """
    console.log(log_level)
    logging.getLogger("kafka").setLevel(logging.ERROR)  # only asks for the topics, and tells of every step
    configuration = configured(profile, plays, vocabulary)
    with kafka(kafka_settings) as settings:
        from streams.http.access import AccessError
        from streams.kafka.app import made

        refuse_unfit(settings)
        app = made(settings, configuration, files_only=files_only)
        try:
            url = app.oversee(host or settings.metrics_host, settings.metrics_port if port is None else port)
        except (AccessError, OSError) as error:
            console.people.print(f"error: {error}", markup=False, soft_wrap=True)
            raise typer.Exit(console.EXIT_REFUSED) from None
        console.say({"listening": url, "group": settings.group})
        app.Worker(loglevel=log_level).execute_from_commandline()
