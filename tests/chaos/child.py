"""The service in a process that was forked with everything imported: it starts in a blink, and dies like any other."""

import logging
from multiprocessing.connection import Connection
from pathlib import Path

from streams.configuration import load
from streams.http.access import Access
from streams.http.server import serve

PLAYS = Path(__file__).parents[1] / "data" / "serve_plays.yaml"


def run(data: Path, listening: Connection) -> None:
    """Serve until killed; the URL goes through the pipe."""
    logging.disable(logging.ERROR)
    serve(data, load(plays=PLAYS), Access(), port=0, on_listening=listening.send)
