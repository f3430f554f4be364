"""A read model made of a history: what a replay reads goes into it as well."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from scorecard.model.database import Database, DatabaseError
from scorecard.model.tables import day_of
from scorecard.report.noting import note_rest
from scorecard.report.source import Source
from scorecard.report.telling import tell
from scorecard.settings.file import ScorecardFile
from scoring.days import day_of as day_number_of
from scoring.event import Event
from scoring.score import Score
from streams.scorecard.customary import customary
from streams.scorecard.opening import TAKEN_TOGETHER, source


class Backfill:
    """Takes events in the order of their arrival."""

    def __init__(self, made: Source) -> None:
        self._made = made
        self._waiting: list[Event] = []

    def __call__(self, events: Sequence[Event]) -> None:
        """Take the next ones, many together: an account has many of them, and is read and written once."""
        self._waiting += events
        if len(self._waiting) >= TAKEN_TOGETHER:
            self._take()

    def begin_month(self, at: float, scores: Iterator[Score]) -> None:
        """Note with which scores accounts began the month of an instant, unix seconds."""
        day = day_of(day_number_of(at))
        self._made.prior.note(day, {one.account_id: one.score for one in scores if one.score is not None})
        self._made.prior.finish(day)

    def _take(self) -> None:
        self._made.model.take(self._waiting, {})
        self._made.facets.take(self._waiting, {})
        self._waiting.clear()

    def finish(self) -> None:
        """Take what waits, and compute what everybody asks about."""
        self._take()
        for period in customary(self._made.model.newest()):
            self._made.model.keep(period)
        tell(self._made)
        note_rest(self._made)


@contextmanager
def backfill(place: str, settings: ScorecardFile) -> Iterator[Backfill]:
    """Into a new read model: a file, or a database by its URL. Raises DatabaseError where it can't be used, or holds
    events already: they would count twice in it.
    """
    with closing(Database(place if "://" in place else Path(place))) as database:
        made = source(database, settings)
        if made.newest():
            raise DatabaseError(f"{database.name}: holds events already; a history goes into a new read model")
        yield Backfill(made)
