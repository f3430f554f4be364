"""`accountpulse serve`: the service on one machine."""

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured

WRITE_KEYS, READ_TOKEN = "ACCOUNTPULSE_WRITE_KEYS", "ACCOUNTPULSE_READ_TOKEN"


def serve(
    data: Annotated[Path, typer.Option(help="Directory of the database; made when it is not there.")],
    host: Annotated[str, typer.Option(help="Address to listen on. Beyond loopback, keys are required.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 is any free one.", min=0, max=65_535)] = 8080,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
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

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    configuration = configured(profile, plays, vocabulary)
    try:
        keys = access(os.environ.get(WRITE_KEYS, ""), os.environ.get(READ_TOKEN, ""))
        code = run(
            data, configuration, keys, host=host, port=port,
            on_listening=lambda url: console.say({"listening": url, "data": str(data)}),
        )  # fmt: skip
    except (AccessError, StoreError, OSError) as error:
        console.people.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(console.EXIT_REFUSED) from None
    raise typer.Exit(code)
