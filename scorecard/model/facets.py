"""The facets of all accounts, and their sums over cohorts and periods.

An account's facets are small whatever its history (see scorecard/facets/), so a period's sums are made by reading them
all; they are kept, and made anew when something came that may change them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from scorecard.book import Book
from scorecard.cohort import MIX, cohort
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import SEATS_TRAIT, Agreed, Facets, seats
from scorecard.facets.joining import joined, numbers
from scorecard.facets.window import Window
from scorecard.model import facet_store, facet_sums, passed, register
from scorecard.model.database import Database
from scorecard.model.facet_store import Member
from scorecard.model.facet_sums import Asked, Sums
from scorecard.model.facet_tables import TABLES
from scorecard.model.intake import ALWAYS, places
from scorecard.model.rows import Cohort
from scorecard.model.schema import get, put
from scorecard.model.tables import METADATA, accounts, day_of, traits
from scorecard.model.tables import positions as read_to
from scorecard.model.terms import PRODUCT
from scorecard.model.upsert import among, portions, replace, upsert
from scorecard.period import Period, called
from scorecard.settings.facets import FacetSettings
from scoring.days import day_of as day_number_of
from scoring.event import Event
from scoring.subject import is_cohort

SOURCE = "facets:"
"""Before the names of sources: facets are taken at a pace of their own, and their positions stand apart."""

NEWEST, TAKEN, AGREED, RELATED = "facets_newest", "facets_taken", "facets_agreed", "facets_related"
"""Notes of the read model: the newest arrival, how often events were taken, what was agreed, and how often it changed
which account stands for which (see register.changes) when sums were made."""

COUNTED_BY = (*FacetSettings.model_fields, "currency", "rates", "unit")
"""Keys of the settings that sums hang on: with other targets they need not be made anew."""

FORGOTTEN = timedelta(days=40)
"""Sums for which nobody asked for so long are not kept up any more."""


class Score(NamedTuple):
    """What an account was last found to be (H1)."""

    points: float
    coverage: float
    band: str

    @property
    def counts(self) -> Mapping[str, int]:
        """What adds up: hundredths of points, ten-thousandths of coverage."""
        points, coverage = round(100 * self.points), round(10_000 * self.coverage)
        return {"health/n": 1, "health/points": points, "health/coverage": coverage, f"health_band/{self.band}": 1}


Health = Callable[[], Mapping[str, Score]]
"""The newest scores of all accounts that have one."""


class FacetModel:
    """Any number may ask, one process may take events. Raises DatabaseError where the database is away."""

    def __init__(self, database: Database, agreed: Agreed, health: Health = dict) -> None:
        """The tables of the read model must be there: make its Model first. health: of accounts, for H1."""
        self._database = database
        self._health = health
        self._agreed = agreed
        self._traits = {SEATS_TRAIT, "stage", *agreed.settings.success_plans.expected}
        settings = agreed.settings.model_dump_json(include={*COUNTED_BY})
        with database.writing() as connection:
            METADATA.create_all(connection, TABLES)
            if get(connection, AGREED) != settings:  # sums made under other agreements
                facet_sums.spoil(connection)
                put(connection, AGREED, settings)
            _relate(connection)

    def positions(self) -> dict[str, int]:
        """How far each source was read: the first position that was not taken."""
        with self._database.reading() as connection:
            return _positions(connection)

    def take(self, events: Sequence[Event], positions: Mapping[str, int], over: Sequence[passed.Passed] = ()) -> None:
        """Events of any accounts, and how far they take their sources: all of it becomes true at once. over: see
        Model.take.
        """
        of_accounts: dict[str, list[Event]] = {}
        for event in events:
            if not is_cohort(event.account_id):  # answers to its triggers are of no account
                of_accounts.setdefault(event.account_id, []).append(event)
        with self._database.writing() as connection:
            passed.note(self._database, connection, over)
            since = facet_store.fold(connection, self._agreed, of_accounts)
            if of_accounts:
                facet_sums.spoil(connection, day_of(since))
                put(connection, TAKEN, str(_taken(connection) + 1))
            rows = places({f"{SOURCE}{name}": position for name, position in positions.items()})
            upsert(connection, read_to, rows, replace)
            newest = max((event.arrived for event in events), default=0.0)
            if newest > _newest(connection):
                put(connection, NEWEST, repr(newest))

    def sums(self, period: Period, by: Sequence[str] = ()) -> Sums:
        """What a period comes to, by cohorts of the dimensions `by`; as it was last made, and made where it never was.

        ValueError for PRODUCT, which cuts through accounts.
        """
        if PRODUCT in by:
            raise ValueError(f"facets are of whole accounts: ask by {MIX!r} instead of {PRODUCT!r}")
        asked = Asked(period.start, period.end, tuple(by))
        with self._database.reading() as connection:
            found = facet_sums.find(connection, asked)
        return found or self._make([asked])[asked]

    def prepare(self, over: Sequence[Period], by: Sequence[str] = ()) -> None:
        """Make what was never made of several periods, reading every account once for all of them."""
        ways = {(), tuple(by)} if PRODUCT not in by else {()}
        asked = [Asked(period.start, period.end, way) for period in over for way in ways]
        with self._database.reading() as connection:
            missing = [one for one in asked if facet_sums.find(connection, one) is None]
        self._make(missing)

    def refresh(self) -> int:
        """Make anew what is outdated and was asked for lately; of how many periods."""
        with self._database.reading() as connection:
            as_before = get(connection, RELATED) == register.changes(connection)
        if not as_before:
            with self._database.writing() as connection:
                _relate(connection)
        with self._database.reading() as connection:
            today = _until(connection)
            found = facet_sums.outdated(connection, today)
        forgotten = [asked for asked, last in found if last < today - FORGOTTEN]
        wanted = [asked for asked, last in found if last >= today - FORGOTTEN]
        if forgotten:
            with self._database.writing() as connection:
                facet_sums.forget(connection, forgotten)
        self._make(wanted)
        return len(wanted)

    def reached(self) -> int:
        """Grows with whatever comes."""
        with self._database.reading() as connection:
            return _taken(connection)

    def kept(self) -> list[tuple[Period, Cohort]]:
        """The periods, and the dimensions of their cohorts, of which sums are kept up."""
        with self._database.reading() as connection:
            today = _until(connection)
            found = facet_sums.kept(connection)
        return [(called(one.start, one.end), one.by) for one, last in found if last >= today - FORGOTTEN]

    def asked(self, period: Period, by: Sequence[str] = ()) -> None:
        """Note that somebody asked: what nobody asks for is not kept up."""
        with self._database.writing() as connection:
            facet_sums.touch(connection, Asked(period.start, period.end, tuple(by)), _until(connection))

    def _make(self, wanted: Sequence[Asked]) -> dict[Asked, Sums]:
        """Sum over all accounts, each read once; nobody has to wait meanwhile."""
        if not wanted:
            return {}
        found: dict[Asked, dict[Cohort, dict[str, int]]] = {asked: {} for asked in wanted}
        scores = self._health()
        with self._database.reading() as connection:
            until, taken = _until(connection), _taken(connection)
            lags = facet_store.lags(connection, _positions(connection))
            for family, members in facet_store.families(connection, self._agreed):
                facets = self._joined(family, members)
                score = _score([(book, scores[book.account_id]) for book in family if book.account_id in scores])
                for asked, sums in found.items():
                    counts = sums.setdefault(_values(family, asked), {})
                    if facets is None:
                        continue
                    known = self._known(family, members, asked, until)
                    _add(counts, facets.sheet(asked.period, known, until=until).counts)
                    if score is not None and known.active and asked.end >= until:
                        _add(counts, score.counts)
        with self._database.writing() as connection:
            for asked, sums in found.items():
                facet_sums.put(connection, asked, until, sums, stale=lags or _taken(connection) != taken)
        return {
            asked: Sums({values: FacetSheet(counts) for values, counts in sums.items()}, until)
            for asked, sums in found.items()
        }

    def _joined(self, family: Sequence[Book], members: Sequence[Member]) -> Facets | None:
        """Of an entity's accounts together; None where none has any."""
        if not members:
            return None
        return joined(self._agreed, [facets for _, facets in members], leads=_leads(family, members))

    def _known(self, family: Sequence[Book], members: Sequence[Member], asked: Asked, until: date) -> Known:
        """Traits are those of the account that stands for the others; seats add up over those that pay."""
        traits: dict[str, object] = {name: family[0].trait(name, asked.start) for name in self._traits}
        on = min(asked.end, until)
        paying = [book for book in family if book.products(on)]
        if len(family) > 1:
            traits[SEATS_TRAIT] = sum(seats(book.trait(SEATS_TRAIT, asked.start)) for book in paying or family)
        told = zip(numbers(members, leads=_leads(family, members)), members, strict=True)
        ended = {number for number, (book, _) in told if _merged(book) or (book.movements and book not in paying)}
        return Known(traits, bool(paying) or not any(book.movements for book in family), ended)

    def signs(self, period: Period) -> Iterator[tuple[str, Mapping[str, bool | None]]]:
        """L1 of every entity, by the id of the account that stands for it."""
        with self._database.reading() as connection:
            window = Window.of(period.start, period.end, _until(connection))
            for family, members in facet_store.families(connection, self._agreed):
                facets = self._joined(family, members)
                if facets is not None:
                    yield family[0].account_id, facets.signs(window)

    def trait(self, account_ids: Sequence[str], name: str) -> dict[str, str]:
        """A trait of some accounts as it was last said, by id; without those of which it never was."""
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for some in portions(account_ids):
                query = (
                    select(accounts.c.account_id, traits.c.value)
                    .join(accounts, accounts.c.id == traits.c.account)
                    .where(among(connection, accounts.c.account_id, some), traits.c.name == name)
                    .order_by(traits.c.at)
                )
                found |= dict(connection.execute(query).all())
        return found

    def newest(self) -> float:
        """Arrival of the newest event that was taken, unix seconds; 0 before the first."""
        with self._database.reading() as connection:
            return _newest(connection)


def _values(family: Sequence[Book], asked: Asked) -> Cohort:
    """The cohort of an entity."""
    return tuple(cohort(family, name, asked.period) for name in asked.by)


def _leads(family: Sequence[Book], members: Sequence[Member]) -> bool:
    """Whether the account that stands for the others is among those that have facets."""
    return members[0][0] is family[0]


def _merged(book: Book) -> bool:
    """Whether an account was merged into another one."""
    return book.trait("merged_into", ALWAYS) not in (None, book.account_id)


def _score(members: Sequence[tuple[Book, Score]]) -> Score | None:
    """Of an entity, by what its accounts pay now, and in the band of that which pays most; of those that pay nothing
    each weighs the same.
    """
    if len(members) < 2:
        return members[0][1] if members else None
    worth = [max(0, book.revenue.balance.total) for book, _ in members]
    weights = worth if any(worth) else [1] * len(worth)
    scores = [score for _, score in members]
    points, coverage = (
        sum(weight * getattr(score, name) for weight, score in zip(weights, scores, strict=True)) / sum(weights)
        for name in ("points", "coverage")
    )
    return Score(points, coverage, scores[weights.index(max(weights))].band)


def _positions(connection: Connection) -> dict[str, int]:
    found = connection.execute(select(read_to)).all()
    return {source.removeprefix(SOURCE): next_ for source, next_ in found if source.startswith(SOURCE)}


def _relate(connection: Connection) -> None:
    """Where others stand for accounts than when sums were made, all are to be made anew: that restates all periods."""
    changes = register.changes(connection)
    if get(connection, RELATED) != changes:
        facet_sums.spoil(connection)
        put(connection, RELATED, changes)


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def _newest(connection: Connection) -> float:
    return float(get(connection, NEWEST) or 0.0)


def _taken(connection: Connection) -> int:
    return int(get(connection, TAKEN) or 0)


def _until(connection: Connection) -> date:
    """The day after the newest one that is known of."""
    return day_of(day_number_of(_newest(connection)) + 1)
