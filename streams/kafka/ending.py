"""How a worker ends that can't go on: at once, since going on could lose what is not durable."""

import logging
import os
import threading

EXIT_FAILED = 70
"""Of a worker that met an error of its own (EX_SOFTWARE): whoever runs it starts it again."""

TOLD_S_MAX = 1.0
"""For the log to take why. Where nobody reads it any more, whoever writes to it waits for ever, and so would we."""

logger = logging.getLogger(__name__)


def end(why: str, error: BaseException | None = None) -> None:
    """End the process, from any thread."""
    telling = threading.Thread(target=_tell, args=(why, error), name="ending", daemon=True)
    telling.start()
    telling.join(TOLD_S_MAX)
    os._exit(EXIT_FAILED)


def _tell(why: str, error: BaseException | None) -> None:
    logger.critical("the worker ends: %s", why, exc_info=error)
    logging.shutdown()
