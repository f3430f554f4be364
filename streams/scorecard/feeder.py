"""The process that feeds the scorecard: `python -m streams.scorecard.feeder`, which the service starts.

A process of its own, since folding a history keeps the interpreter busy for minutes, and intake waits for nobody. It
gets its order by standard input, and ends when that is closed: so it never outlives the service, however that ends.
"""

import gc
import logging
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, suppress
from functools import partial

from scorecard.model.database import Database, DatabaseError, Unavailable
from scorecard.model.model import Model
from scorecard.period import Period
from scorecard.report.noting import note_rest
from scorecard.report.source import Source
from scorecard.report.telling import Teller
from streams import console
from streams.embedded.origin import LogOrigin
from streams.scorecard import opening
from streams.scorecard.customary import customary
from streams.scorecard.feed import Feed
from streams.scorecard.health import of_directory
from streams.scorecard.months import Months
from streams.scorecard.order import Order, State, encode
from streams.scorecard.published import Published
from streams.scorecard.seldom import Seldom
from streams.scorecard.stretch import Origin, OriginError

GC_YOUNG = 500_000
"""Objects made before the collector looks: a transaction makes as many, which nearly all go by themselves."""

NICENESS = 10
"""Intake and triggers go first where they compete for a core."""

POLL_S = 0.2
"""How long to rest when there is nothing to do: a movement is in the figures within a second."""

RETRY_S = 1.0
"""After a database that was away or took nothing."""

TELL_S = 1.0

STOP_S_MAX = 3.0
"""How long a round may go on when the service has ended: what is not committed then is taken again."""

STDIN_BYTES = 4_096
"""Nobody sends any after the order."""

REFUSED = 3
"""Exit code for what a restart does not mend."""

logger = logging.getLogger(__name__)


def run(order: Order, stop: threading.Event) -> None:
    """Feed until told to stop. Raises OriginError, DatabaseError for tables that are not ours, and what the core raises
    again and again.
    """
    with ExitStack() as stack:
        database = stack.enter_context(closing(Database(order.place)))
        source = _opened(database, order, stop)
        if source is None:
            return
        feeds = [stack.enter_context(closing(feed)) for feed in _feeds(source, order)]
        with ThreadPoolExecutor(len(feeds) + 2) as threads:
            running = [threads.submit(_follow, feed, stop) for feed in feeds]
            running.append(threads.submit(_tell, source, feeds, stop))
            running.append(threads.submit(_now_and_then, source, feeds, stop))
            wait(running, return_when=FIRST_EXCEPTION)
            stop.set()
        for one in running:
            one.result()


def _opened(database: Database, order: Order, stop: threading.Event) -> Source | None:
    """The read model, as soon as its database is there; None when told to stop before."""
    health = partial(of_directory, order.directory, on_kafka=order.topics is not None)
    while not stop.is_set():
        try:
            return opening.source(database, order.settings, health)
        except Unavailable as error:
            logger.error("%s; trying again", error)
            stop.wait(RETRY_S)
    return None


def _feeds(source: Source, order: Order) -> Iterator[Feed]:
    """Of money, which reads everything but usage; of all else, which reads usage too."""
    catch_up = _CatchUp(source.model)
    months = Months(source.prior, Published(order.directory, on_kafka=order.topics is not None))
    yield Feed(source.model, _origin(order, usage=False), lambda: catch_up() or months())
    yield Feed(source.facets, _origin(order, usage=True), source.facets.settle)


def _follow(feed: Feed, stop: threading.Event) -> None:
    """Round after round."""
    while not stop.is_set():
        try:
            busy = feed.round()
        except Unavailable as error:
            logger.error("%s; trying again", error)
            stop.wait(RETRY_S)
            continue
        if not busy:
            stop.wait(POLL_S)


def _tell(source: Source, feeds: Sequence[Feed], stop: threading.Event) -> None:
    """Say now and then how far the feeds are, that of money first."""
    while not stop.wait(TELL_S):
        with suppress(Unavailable):
            unsettled = source.model.unsettled() + source.facets.unsettled()
            state = State(sum(feed.behind for feed in feeds), unsettled, feeds[0].behind)
            sys.stdout.buffer.write(encode(state) + b"\n")
            sys.stdout.buffer.flush()


def _origin(order: Order, *, usage: bool) -> Origin:
    if order.topics is not None:
        from streams.kafka.service.origin import TopicOrigin  # noqa: PLC0415 - Kafka's libraries may not be there

        settings, ids = order.topics
        return TopicOrigin(settings, ids, order.vocabulary, usage=usage)
    return LogOrigin(order.directory, order.vocabulary, usage=usage)


class _CatchUp:
    """What is left to do when all was taken: periods that others wait for, figures that lag behind, and what is
    customary; one of them at a time.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._kept: set[Period] = set()

    def __call__(self) -> int:
        if self._model.grant() or self._model.settle():
            return 1
        for period in customary(self._model.newest()):
            if period not in self._kept:
                self._model.keep(period)
                self._kept.add(period)
                return 1
        return 0


def _now_and_then(source: Source, feeds: Sequence[Feed], stop: threading.Event) -> None:
    """Add up the scores of all accounts (H1), and note figures for those who read SQL: in a thread of its own, since
    what comes is to be in the figures within a second meanwhile.
    """
    facets = source.facets
    doing = (
        Seldom(facets.score, lambda: (source.model.reached(), facets.reached())),
        Seldom(Teller(source), lambda: (source.model.reached(), facets.reached(), facets.scored())),
        Seldom(partial(note_rest, source), lambda: (source.model.reached(), facets.reached())),
    )
    while not stop.wait(POLL_S):
        if any(feed.behind for feed in feeds):  # of half a history nobody is told
            continue
        with suppress(Unavailable):
            for one in doing:
                one()


def _ended_with_service(stop: threading.Event) -> None:
    """Stop when standard input is closed; at once when that takes too long."""
    # not by sys.stdin: while a thread waits in it Python can't end, aborts (-6), and no exit code is ours
    while os.read(sys.stdin.fileno(), STDIN_BYTES):
        pass
    stop.set()
    time.sleep(STOP_S_MAX)
    os._exit(0)


def main() -> int:
    """Exit code 0 after a clean end, REFUSED for what a restart does not mend."""
    console.log("info")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it tells of every step; what matters is told here
    os.nice(NICENESS)
    gc.set_threshold(GC_YOUNG, 20, 100)
    order = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the service that started us
    stop = threading.Event()
    threading.Thread(target=_ended_with_service, args=(stop,), daemon=True).start()
    try:
        run(order, stop)
    except (OriginError, DatabaseError) as error:
        logger.error("%s", error)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
