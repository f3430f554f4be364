"""How a worker ends that can't go on: at once, since going on could lose what is not durable."""

import logging
import os

EXIT_FAILED = 70
"""Of a worker that met an error of its own (EX_SOFTWARE): whoever runs it starts it again."""

logger = logging.getLogger(__name__)


def end(why: str, error: BaseException | None = None) -> None:
    """End the process, from any thread."""
    logger.critical("the worker ends: %s", why, exc_info=error)
    logging.shutdown()
    os._exit(EXIT_FAILED)
