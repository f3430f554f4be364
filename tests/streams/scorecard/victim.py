"""The feeding process, forked with everything imported: it starts in a blink, and dies like any other."""

import logging
import threading

from streams.scorecard import feeder
from streams.scorecard.order import Order


def run(order: Order) -> None:
    """Feed until killed."""
    logging.disable(logging.ERROR)
    feeder.run(order, threading.Event())
