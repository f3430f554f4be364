"""The service in a process that was forked with everything imported: it starts in a blink, and dies like any other."""

import logging
from multiprocessing.connection import Connection
from pathlib import Path

from streams.configuration import load
from streams.embedded.settings import Settings
from streams.http.access import Access
from streams.http.server import serve

CONFIGURATION = load(plays=Path(__file__).parents[1] / "data" / "serve_plays.yaml")
"""Read once, by the process that the others are forked from."""

SMALL_SLICES = Settings(slice_s_min=0.001, slice_s_max=0.002)
"""So that what is applied together is cut into many transactions, and killed between them."""


def run(data: Path, listening: Connection) -> None:
    """Serve until killed; the URL goes through the pipe."""
    logging.disable(logging.ERROR)
    serve(data, CONFIGURATION, Access(), SMALL_SLICES, port=0, on_listening=listening.send)
