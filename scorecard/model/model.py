"""The read model as one: events in, with how far they were read; figures, movements and accounts out."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, delete, func, select

from scorecard.book import Book
from scorecard.model import books, cells, reading, units
from scorecard.model.database import Database
from scorecard.model.intake import Intake, places
from scorecard.model.keeping import Keeper, Standing, Touched
from scorecard.model.rows import Cohort, Itemised, Member, Moved, Page, Restated, Taken
from scorecard.model.schema import get, prepare, put
from scorecard.model.tables import day_number, dirty, periods
from scorecard.model.tables import positions as read_to
from scorecard.model.terms import PRODUCT, Terms
from scorecard.model.upsert import replace, upsert
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.unit import Unit
from scoring.event import Event

PAGE = 100

SETTLED_AT_ONCE = 2_000
"""Figures that are brought up to date in the transaction that takes the events, some 100 ms; what is more, as when a
history is read in, is settled when there is time."""

NEWEST = "newest"


class Model:
    """Any number may ask, and may take events as well: one transaction after the other. Raises DatabaseError where the
    database is away.

    A period's figures are computed when they are first asked for (seconds), and from then on kept: each event changes
    those that it touches, and asking takes milliseconds.
    """

    def __init__(self, database: Database, terms: Terms) -> None:
        """Makes the tables where there are none; SchemaError where they are of another version."""
        self._database = database
        self._terms = terms
        prepare(database)

    def positions(self) -> dict[str, int]:
        """How far each source was read: the first position that was not taken."""
        with self._database.reading() as connection:
            return dict(connection.execute(select(read_to)).tuples())

    def take(self, events: Sequence[Event], positions: Mapping[str, int]) -> Taken:
        """Events of any accounts, and how far they take their sources: all of it becomes true at once, or nothing does.
        What was taken before changes nothing.
        """
        with self._database.writing() as connection:
            intake = Intake(self._database, connection, self._terms)
            taken = intake.take(events)
            self._settle(connection, intake.touched)
            upsert(connection, read_to, places(positions), replace)
            if intake.newest > _newest(connection):
                put(connection, NEWEST, repr(intake.newest))
        return taken
