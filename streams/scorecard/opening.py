"""Opens a read model under a scorecard.yaml: one of files, one of a data directory, or one of a database."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.draws import Draws
from scorecard.facets.facets import Agreed
from scorecard.model.database import FILE_NAME, Database, DatabaseError
from scorecard.model.episodes import Episodes
from scorecard.model.facet_scores import Health
from scorecard.model.facets import FacetModel
from scorecard.model.model import Model
from scorecard.model.noted import Noted
from scorecard.model.prior import Prior
from scorecard.model.reports import Reports
from scorecard.model.schema import prepare
from scorecard.model.terms import DIMENSIONS, Terms
from scorecard.model.told import Told
from scorecard.model.use import Use
from scorecard.report.memo import Memo
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile
from scorecard.spend import read_amount
from scoring.event import Event
from streams.dead_letter import DeadLetter
from streams.scorecard import agreement
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
        settings.exposure.exposing,
    )


def agreed(settings: ScorecardFile) -> Agreed:
    """What of them everything else hangs on."""
    rates = settings.exchange

    def cents(event: Event) -> int | None:
        return read_amount(event, rates, needed=True)[0]

    return Agreed(settings, cents)


def source(database: Database, settings: ScorecardFile, health: Health = dict, *, computes: bool = True) -> Source:
    """The read model in a database. Raises DatabaseError where it can't be used.

    computes: see Model; who does not leaves it to the process that takes the events.
    """
    model = Model(database, terms(settings), computes=computes)
    if computes:
        agreement.keep(database, settings)
    facets = FacetModel(database, agreed(settings), health, computes=computes)
    return Source(
        model,
        facets,
        settings,
        Use(database),
        Reports(database),
        Episodes(database),
        Told(database),
        Prior(database),
        Noted(database),
        Memo(time.monotonic),
        Draws(),
    )


@contextmanager
def of_place(place: str, settings: ScorecardFile | None, shipped: ScorecardFile) -> Iterator[Source]:
    """The read model that a service keeps, or that was made of a history: in a data directory, a file of SQLite, or the
    database of a URL. Raises DatabaseError.

    settings: None for those that it is made with; DatabaseError for others by which its figures would be others.
    shipped: for one in which nobody has computed anything yet.
    """
    where: str | Path = place if "://" in place else Path(place)
    health: Health = dict
    if isinstance(where, Path) and not where.is_file():
        where, health = where / FILE_NAME, partial(of_directory, where)
        if not where.exists():
            raise DatabaseError(f"{where}: no such file; `accountpulse serve --data {place}` makes it")
    with _closing(Database(where)) as database:
        prepare(database)
        made_with = agreement.kept(database)
        if settings is not None and made_with is not None and (others := agreement.differing(settings, made_with)):
            raise DatabaseError(
                f"{database.name}: made with another scorecard: {', '.join(others)} differ; leave --scorecard out, or"
                " give it to what makes the figures: `accountpulse serve`, or `accountpulse replay --read-model`"
            )
        found = source(database, settings or made_with or shipped, health, computes=False)
        if made_with is not None and not found.model.positions():  # of a history: nobody else computes what is asked
            found = source(database, settings or made_with, health)
        yield found


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
