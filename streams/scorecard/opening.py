"""Opens a read model under a scorecard.yaml: one of files, one of a data directory, or one of a database."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.facets.facets import Agreed
from scorecard.model.database import FILE_NAME, Database, DatabaseError
from scorecard.model.episodes import Episodes
from scorecard.model.facets import FacetModel, Health
from scorecard.model.model import Model
from scorecard.model.reports import Reports
from scorecard.model.terms import DIMENSIONS, Terms
from scorecard.model.use import Use
from scorecard.report.memo import Memo
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile
from scorecard.spend import read_amount
from scoring.event import Event
from streams.dead_letter import DeadLetter
from streams.scorecard.health import of_directory
from streams.source import read
from streams.vocabulary import Vocabulary
from streams.wire import decode

TAKEN_TOGETHER = 250_000
"""Events of files in one transaction: an account has many of them, and is read and written once. They take some 250 MB
meanwhile."""


def terms(settings: ScorecardFile) -> Terms:
    """What of the settings the figures of money hang on."""
    return Terms(
        settings.exchange,
        settings.unit,
        (*DIMENSIONS, *(name for name in settings.dimensions if name not in DIMENSIONS)),
        frozenset(settings.products),
        settings.exposure.window_days,
        frozenset(settings.exposure.programmes),
    )


def agreed(settings: ScorecardFile) -> Agreed:
    """What of them everything else hangs on."""
    rates = settings.exchange

    def cents(event: Event) -> int | None:
        return read_amount(event, rates, needed=True)[0]

    return Agreed(settings, cents)


def source(database: Database, settings: ScorecardFile, health: Health = dict, *, computes: bool = True) -> Source:
    """The read model in a database. Raises DatabaseError where it can't be used."""
    model = Model(database, terms(settings), computes=computes)
    facets = FacetModel(database, agreed(settings), health)
    return Source(model, facets, settings, Use(database), Reports(database), Episodes(database), Memo(time.monotonic))


@contextmanager
def of_place(place: str, settings: ScorecardFile) -> Iterator[Source]:
    """The read model that a service keeps: in its data directory, or in the database of a URL. Raises DatabaseError."""
    if "://" in place:
        with _closing(Database(place)) as database:
            yield source(database, settings, computes=False)
        return
    file = Path(place) / FILE_NAME
    if not file.exists():
        raise DatabaseError(f"{file}: no such file; `accountpulse serve --data {place}` makes it")
    with _closing(Database(file)) as database:
        yield source(database, settings, partial(of_directory, Path(place)), computes=False)


@contextmanager
def of_files(
    paths: Sequence[str], settings: ScorecardFile, vocabulary: Vocabulary, *, wall: float,
    on_dead: Callable[[DeadLetter], None] = lambda letter: None,
) -> Iterator[Source]:  # fmt: skip
    """A read model of some files, in a place that goes with it. SourceError where one can't be read.

    wall: the true time, unix seconds; what claims to have arrived after it is dead.
    """
    with (
        TemporaryDirectory(prefix="accountpulse-") as directory,
        _closing(Database(Path(directory) / FILE_NAME)) as database,
    ):
        made, waiting = source(database, settings), list[Event]()
        for chunk in (chunk for path in paths for chunk in read(path)):
            decoded = decode(chunk.lines, vocabulary=vocabulary, wall=wall, place=chunk.place)
            for letter in (*decoded.dead, *([chunk.overlong] if chunk.overlong else ())):
                on_dead(letter)
            waiting += decoded.events
            if len(waiting) >= TAKEN_TOGETHER:
                _take(made, waiting)
                waiting.clear()
        _take(made, waiting)
        while made.model.settle():
            pass
        yield made


def _take(made: Source, events: Sequence[Event]) -> None:
    made.model.take(events, {})
    made.facets.take(events, {})


@contextmanager
def _closing(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.close()
