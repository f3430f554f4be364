"""The read model as one: events in, with how far they were read; figures, movements and accounts out."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, select

from scorecard.book import Book
from scorecard.cohort import MIX
from scorecard.model import (
    asked,
    backlog,
    belonging,
    books,
    cells,
    facet_backlog,
    mark,
    moved,
    passed,
    reading,
    restated,
    totals,
)  # fmt: skip
from scorecard.model.anew import apply
from scorecard.model.database import Database
from scorecard.model.intake import Intake, places
from scorecard.model.keeping import Keeper
from scorecard.model.mark import Mark
from scorecard.model.rows import (
    Cohort,
    IssueCount,
    Itemised,
    Member,
    Moved,
    Page,
    Restated,
    RestatedPeriod,
    Taken,
)  # fmt: skip
from scorecard.model.schema import get, prepare, put
from scorecard.model.tables import positions as read_to
from scorecard.model.terms import PRODUCT, Terms
from scorecard.model.upsert import replace, upsert
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.sheet import Sheet
from scorecard.spend import Dealing, Spend
from scorecard.tally import Tally
from scoring.event import Event

PAGE = 100

SETTLED_AT_ONCE = 2_000
"""Figures that are brought up to date in the transaction that takes the events, some 100 ms; what is more, as when a
history is read in, is settled when there is time."""

SETTLED_TOGETHER = 500
"""Entities settled in one transaction then: a moment's work, so that new events need not wait for long."""

NUMBERS_MAX = 500_000
"""Accounts whose numbers are remembered, some 60 MB: looking them up is a tenth of taking events."""

NEWEST = "newest"

APART = "facets:"
"""Before the names of sources: positions of the facets (see facets.py), which are taken at a pace of their own."""

PATIENCE_S = 20.0
"""How long to wait for a period that another process computes: a second for every 20,000 accounts or so."""

POLL_S = 0.05


class NotKept(RuntimeError):
    """A period's figures are not there yet; they are being computed."""


class Model:
    """Any number may ask, and may take events as well: one transaction after the other. Raises DatabaseError where the
    database is away.

    A period's figures are computed when they are first asked for (seconds), and from then on kept: each event changes
    those that it touches, and asking takes milliseconds.
    """

    def __init__(self, database: Database, terms: Terms, *, computes: bool = True) -> None:
        """Makes the tables where there are none; SchemaError where they are of another version.

        computes: with other terms than before compute everything anew, and a period when it is first asked for.
        Without, leave that to the process that takes the events, and wait for it.
        """
        self._database = database
        self._terms = terms
        self._computes = computes
        self._numbers: dict[str, int] = {}
        prepare(database)
        if computes:
            with database.writing() as connection:
                apply(database, connection, terms, _newest(connection))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What cohorts are kept by, beside PRODUCT."""
        return self._terms.dimensions

    def positions(self) -> dict[str, int]:
        """How far each source was read: the first position that was not taken."""
        with self._database.reading() as connection:
            known: dict[str, int] = dict(connection.execute(select(read_to)).all())
        return {source: next_ for source, next_ in known.items() if not source.startswith(APART)}

    def take(self, events: Sequence[Event], positions: Mapping[str, int], over: Sequence[passed.Passed] = ()) -> Taken:
        """Events of any accounts, and how far they take their sources: all of it becomes true at once, or nothing does.
        What was taken before changes nothing. over: events before that position that can't be taken. Raises
        NotStorable.
        """
        with self._database.writing() as connection:
            passed.note(self._database, connection, over)
            intake = Intake(self._database, connection, self._terms, self._numbers)
            taken = intake.take(events)
            asked.unknow(connection, intake.earliest)
            self._settle(connection, intake)
            facet_backlog.mark_known(connection, intake.known)
            upsert(connection, read_to, places(positions), replace)
            if intake.newest > _newest(connection):
                put(connection, NEWEST, repr(intake.newest))
        if len(self._numbers) > NUMBERS_MAX:
            self._numbers.clear()
        self._numbers |= intake.numbers
        return taken

    def _settle(self, connection: Connection, intake: Intake) -> None:
        """At once, unless there is much to do, or others wait already."""
        keeper = Keeper(self._database, connection, self._terms)
        standing = keeper.current()
        if not standing:
            return
        touched = intake.touched()
        work = sum(touch.touches(one) for touch in touched.values() for one in standing)
        if work <= SETTLED_AT_ONCE and not backlog.size(connection):
            keeper.settle(touched)
        elif work:
            backlog.add(connection, touched)

    def settle(self) -> int:
        """Bring kept figures up to date with some of what was taken; how many entities are still to be done."""
        if not self.unsettled():
            return 0
        with self._database.writing() as connection:
            keeper = Keeper(self._database, connection, self._terms)
            keeper.settle(backlog.take(connection, SETTLED_TOGETHER))
            return backlog.size(connection)

    def keep(self, period: Period, known_at: float | None = None) -> bool:
        """Compute a period's figures, unless they are kept already, and keep them from now on; whether they are new."""
        with self._database.reading() as connection:
            if asked.find(connection, period, known_at) is not None and not asked.wished(connection):
                return False
        with self._database.writing() as connection:
            new = asked.find(connection, period, known_at) is None
            if new:
                Keeper(self._database, connection, self._terms).keep(asked.add(connection, period, known_at))
                asked.forget(connection)
            asked.granted(connection, period, known_at)
        return new

    def grant(self) -> int:
        """Keep the periods that others wait for; how many there were."""
        with self._database.reading() as connection:
            wished = asked.wished(connection)
        for period, known_at in wished:
            self.keep(period, known_at)
        return len(wished)

    def sheet(self, period: Period, by: Sequence[str] = (), known_at: float | None = None) -> dict[Cohort, Sheet]:
        """The sheet of each cohort of the dimensions `by`; of everybody under the key () when there are none.

        With "product" among the dimensions money is split by product (counts are then of an entity's products, and its
        money adds up to the whole); "product_mix" puts whole entities by what they held at the start: "A+B".
        known_at: as it was known at that instant (unix seconds), with the cohorts and families of then; but for what a
        limit had made go by now (see docs/adr/0009), and at the terms of now.
        ValueError for a dimension that is not kept.
        """
        return self.series([period], by, known_at)[0]

    def series(
        self, over: Sequence[Period], by: Sequence[str] = (), known_at: float | None = None
    ) -> list[dict[Cohort, Sheet]]:
        """The same for several periods, from one moment of the read model."""
        self._check(by)
        with self._asking(over, known_at) as (connection, numbers):
            return [cells.read(connection, number, by) for number in numbers]

    def tallies(self, period: Period, by: Sequence[str] = ()) -> dict[Cohort, Tally]:
        """What is counted in a period beside sheets (scorecard/counted.py), or of all days (EVER: `exposure.covered`),
        of each cohort that has anything. ValueError for PRODUCT, which cuts through entities, and for a dimension that
        is not kept.
        """
        if PRODUCT in by:
            raise ValueError(f"tallies are of whole accounts: ask by {MIX!r} instead of {PRODUCT!r}")
        self._check(by)
        with self._asking([period], None) as (connection, numbers):
            return totals.read(connection, numbers[0], by)

    def accounts(
        self, period: Period, cohort: Mapping[str, str], *, after: str | None = None, limit: int = PAGE
    ) -> Page[Member]:
        """The entities of a cohort (value by dimension), in the order of their arrival. `after`: the `next` of the page
        before; CursorError when it is none.
        """
        self._check(cohort)
        with self._asking([period], None) as (connection, numbers):
            return reading.members(connection, numbers[0], cohort, after, limit)

    def movements(
        self, period: Period | None = None, *, account_id: str | None = None, kinds: Sequence[Kind] = (),
        known_at: float | None = None, after: str | None = None, limit: int = PAGE,
    ) -> Page[Moved]:  # fmt: skip
        """Movements by day, as the waterfall of the period counts them, each with what had touched its entity before
        it; those of an account's whole entity where an account is named. Without a period at the rates of their days.
        """
        with self._database.reading() as connection:
            wanted = moved.Wanted(period, account_id, kinds, known_at)
            return moved.movements(connection, wanted, self._terms, after, limit)

    def restatements(
        self, period: Period | None = None, *, after: str | None = None, limit: int = PAGE
    ) -> Page[Restated]:
        """What late data changed of periods that were over, newest first."""
        with self._database.reading() as connection:
            return reading.restated(connection, period, after, limit)

    def restated(self, period: Period | None = None) -> list[RestatedPeriod]:
        """What everybody's retention was before and after each day on which late data came, newest first."""
        with self._database.reading() as connection:
            return restated.by_arrival(connection, period)

    def issues(
        self, *, account_id: str | None = None, reason: str | None = None, settled: bool = False,
        after: str | None = None, limit: int = PAGE,
    ) -> Page[Itemised]:  # fmt: skip
        """What was wrong with events, newest first; `settled`: also what was put right since."""
        with self._database.reading() as connection:
            return reading.itemised(connection, account_id, reason, settled, after, limit)

    def issue_counts(self) -> list[IssueCount]:
        """How many events are wrong for each reason, and of how many accounts; without what was put right since."""
        with self._database.reading() as connection:
            return reading.counted(connection)

    def spends(self, period: Period) -> list[Spend]:
        """What was spent in a period on winning revenue (E2)."""
        with self._database.reading() as connection:
            return reading.spent(connection, period)

    def dealings(self, until: date | None = None) -> list[Dealing]:
        """All that was said of opportunities before a day, by time (E3)."""
        with self._database.reading() as connection:
            return reading.dealt(connection, until)

    def books(self, entities: Collection[int] | None = None) -> Iterator[tuple[int, list[Book]]]:
        """The number and the books of every entity, or of some, for reading; that of the account which stands for it
        comes first.
        """
        with self._database.reading() as connection:
            yield from books.every(connection) if entities is None else books.of_some(connection, entities)

    def cohorts_of(self, account_ids: Collection[str], period: Period, by: Sequence[str]) -> dict[str, Cohort]:
        """The cohort in a period of the entity that each of some known accounts belongs to, whether it has revenue or
        not.
        """
        with self._database.reading() as connection:
            return belonging.cohorts_of(connection, account_ids, period, by)

    def newest(self) -> float:
        """Arrival of the newest event that was taken, unix seconds; 0 before the first."""
        with self._database.reading() as connection:
            return _newest(connection)

    def oldest(self) -> date | None:
        """The day of the first movement that is known of; None before there is any."""
        with self._database.reading() as connection:
            return reading.oldest(connection)

    def reached(self) -> Mark:
        """How far the ledger has come."""
        with self._database.reading() as connection:
            return mark.now(connection)

    def touched(self, since: Mark, before: date) -> bool:
        """Whether anything came since that is of a day before `before`, or holds for all days."""
        with self._database.reading() as connection:
            return mark.touched(connection, since, before)

    def changed(self, since: Mark) -> set[int] | None:
        """The entities of whom anything came since; None where others than then may stand for accounts."""
        with self._database.reading() as connection:
            return mark.changed(connection, since)

    def unsettled(self) -> int:
        """Entities whose figures lag behind their movements; after a history was read in, see `settle`."""
        with self._database.reading() as connection:
            return backlog.size(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _check(self, by: Sequence[str] | Mapping[str, str]) -> None:
        kept = (PRODUCT, *self._terms.dimensions)
        for name in by:
            if name not in kept:
                raise ValueError(f"cohorts by {name!r} are not kept; kept are: {', '.join(kept)}")

    @contextmanager
    def _asking(self, over: Sequence[Period], known_at: float | None) -> Iterator[tuple[Connection, list[int]]]:
        """A moment of the read model in which all these periods are kept, with their numbers."""
        asked.check(over, known_at)
        until = time.monotonic() + PATIENCE_S
        waiting = False
        while True:
            with self._database.reading() as connection:
                known = known_at if known_at is not None and known_at < _newest(connection) else None
                numbers = [asked.find(connection, period, known) for period in over]
                if None not in numbers:
                    yield connection, [number for number in numbers if number is not None]
                    return
            missing = [period for period, number in zip(over, numbers, strict=True) if number is None]
            if self._computes:
                for period in missing:
                    self.keep(period, known)
                continue
            if not waiting:
                with self._database.writing() as connection:
                    for period in missing:
                        asked.wish(connection, period, known)
                waiting = True
            if time.monotonic() > until:
                named = ", ".join(period.label for period in missing)
                raise NotKept(f"{named}: not computed yet, which the running service does; ask again in a while")
            time.sleep(POLL_S)


def _newest(connection: Connection) -> float:
    return float(get(connection, NEWEST) or 0.0)
