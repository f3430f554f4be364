"""The facets of all accounts, and their sums over cohorts and periods.

An account's facets are small whatever its history (see scorecard/facets/). What they come to is made of all accounts
when a period is first asked for, and then kept: what comes changes the sums that it touches, at a cost that hangs on
the accounts that it is of, not on how many there are. See facet_keeping.py.
"""

import json
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from scorecard.cohort import MIX
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Agreed
from scorecard.model import facet_backlog, facet_keeping, facet_periods, facet_scores, facet_store, facet_sums, passed
from scorecard.model.database import Database
from scorecard.model.facet_backlog import ACCOUNTS_TOGETHER, SHEETS_TOGETHER
from scorecard.model.facet_part import Signs, signs_of
from scorecard.model.facet_periods import Asked, Days
from scorecard.model.facet_scores import Health
from scorecard.model.facet_tables import TABLES
from scorecard.model.intake import places
from scorecard.model.rows import Cohort
from scorecard.model.schema import get, put
from scorecard.model.tables import METADATA, accounts, day_of, traits
from scorecard.model.tables import positions as read_to
from scorecard.model.terms import DIMENSIONS, KEPT_BY, PRODUCT
from scorecard.model.upsert import among, portions, replace, upsert
from scorecard.period import Period
from scorecard.settings.facets import FacetSettings
from scoring.days import day_of as day_number_of
from scoring.event import Event
from scoring.subject import is_cohort

SOURCE = "facets:"
"""Before the names of sources: facets are taken at a pace of their own, and their positions stand apart."""

NEWEST, TAKEN, AGREED, SETTLED = "facets_newest", "facets_taken", "facets_agreed", "facets_settled"
"""Notes of the read model: the newest arrival, how often events were taken, what was agreed when sums were made, and
how often parts of them were written."""

COUNTED_BY = (*FacetSettings.model_fields, "currency", "rates", "unit")
"""Keys of the settings that sums hang on: with other targets they need not be made anew."""


NOTED = timedelta(days=7)
"""How old the note may be that somebody asked: who asks rather waits for no writer, and forgetting takes far longer."""


class Sums(NamedTuple):
    """What a period comes to by cohort, and the day after the newest that is in it."""

    sheets: Mapping[Cohort, FacetSheet]
    """Those of all zeros are left out, but for that of everybody."""
    until: date


class FacetModel:
    """Any number may ask, one process may take events. Raises DatabaseError where the database is away."""

    def __init__(
        self, database: Database, agreed: Agreed, health: Health = dict, *, computes: bool = True
    ) -> None:  # fmt: skip
        """The tables of the read model must be there: make its Model first. health: of accounts, for H1. computes: with
        other agreements than before make everything anew.
        """
        self._database = database
        self._health = health
        self._agreed = agreed
        self._scored: object = None
        self._looked: date | None = None
        settings = agreed.settings.model_dump_json(include={*COUNTED_BY})
        with database.writing() as connection:
            METADATA.create_all(connection, TABLES)
            if computes and get(connection, AGREED) != settings:  # sums made under other agreements
                facet_periods.restart(connection)
                put(connection, AGREED, settings)

    def positions(self) -> dict[str, int]:
        """How far each source was read: the first position that was not taken."""
        with self._database.reading() as connection:
            found = connection.execute(select(read_to)).all()
        return {source.removeprefix(SOURCE): next_ for source, next_ in found if source.startswith(SOURCE)}

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
            if of_accounts:
                facet_backlog.mark(connection, facet_store.fold(connection, self._agreed, of_accounts))
                _count(connection, TAKEN)
            rows = places({f"{SOURCE}{name}": position for name, position in positions.items()})
            upsert(connection, read_to, rows, replace)
            newest = max((event.arrived for event in events), default=0.0)
            if newest > _newest(connection):
                put(connection, NEWEST, repr(newest))

    def sums(self, period: Period, by: Sequence[str] = (), *, asking: bool = True) -> Sums:
        """What a period comes to, by cohorts of the dimensions `by`; as it was last settled, and made of all accounts
        where it never was. asking: what nobody asks for is not kept up.

        ValueError for PRODUCT, which cuts through accounts, and for a dimension that is not kept.
        """
        asked = Asked(period.start, period.end, tuple(by))
        self._check(asked)
        while True:
            with self._database.reading() as connection:
                today, last = _until(connection), facet_periods.asked_on(connection, asked)
                found = facet_periods.find(connection, asked)
                sheets = None if found is None else facet_sums.read(connection, found[0], asked.by)
            if found is not None and sheets is not None:
                break
            self._keep([asked])
        if asking and (last is None or last <= today - NOTED):
            with self._database.writing() as connection:
                facet_periods.touch(connection, asked, today)
        return Sums(sheets if by else {(): FacetSheet(), **sheets}, found[1])

    def prepare(self, over: Sequence[Period], by: Sequence[str] = ()) -> None:
        """Make what was never made of several periods, reading every account once for all of them."""
        asked = facet_periods.of(over, () if PRODUCT in by else by)
        with self._database.reading() as connection:
            missing = [one for one in asked if facet_periods.find(connection, one) is None]
        if missing:
            self._check(missing[-1])
            self._keep(missing)

    def settle(self) -> int:
        """Bring sums up to date with some of what came, and go on with periods that are being built; 0 when all is
        done but the scores.
        """
        self._turn()
        return self._settle() + self._build()

    def score(self) -> None:
        """Add up the scores of all accounts (H1)."""
        scores = self._health()
        if not scores:  # nobody keeps any, or where they are kept is away
            return
        digest = hash(frozenset(scores.items()))
        with self._database.reading() as connection:
            made_of = digest, get(connection, SETTLED), _until(connection)
            if made_of == self._scored:
                return
            scored = facet_scores.make(connection, _dimensions(connection), scores, made_of[2])
        with self._database.writing() as connection:
            facet_scores.write(connection, scored)
        self._scored = made_of

    def refresh(self) -> None:
        """Bring all of it up to date."""
        while self.settle():
            pass
        self.score()

    def reached(self) -> object:
        """Equal as long as no sums are others, but for scores."""
        with self._database.reading() as connection:
            return get(connection, TAKEN), get(connection, SETTLED)

    def scored(self) -> object:
        """Equal as long as the sums of scores are."""
        return self._scored

    def unsettled(self) -> int:
        """Accounts of which something came that is not in all sums yet, and periods that are being built."""
        with self._database.reading() as connection:
            building = sum(one.built_to is not None for one in facet_periods.standing(connection))
            return facet_backlog.size(connection) + building

    def kept(self) -> list[tuple[Period, Cohort]]:
        """The periods, and the dimensions of their cohorts, of which sums are kept up."""
        with self._database.reading() as connection:
            return [(one.period, one.by) for one in facet_periods.kept(connection)]

    def version(self, period: Period) -> Hashable:
        """Equal as long as no account comes to anything else in a period."""
        self.prepare([period])
        with self._database.reading() as connection:
            return facet_periods.version(connection, Asked(period.start, period.end, ()))

    def signs(self, period: Period) -> Iterator[tuple[str, Signs]]:
        """L1 of every entity, by the id of the account that stands for it."""
        self.prepare([period])
        with self._database.reading() as connection:
            found = facet_periods.find(connection, Asked(period.start, period.end, ()))
            if found is not None:
                for some in facet_sums.rows(connection, found[0]):
                    yield from ((entity, signs_of(row.signs)) for entity, row in some.items())

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

    def _check(self, asked: Asked) -> None:
        if PRODUCT in asked.by:
            raise ValueError(f"facets are of whole accounts: ask by {MIX!r} instead of {PRODUCT!r}")
        with self._database.reading() as connection:
            kept = _dimensions(connection)
        for name in asked.by:
            if name not in kept:
                raise ValueError(f"cohorts by {name!r} are not kept; kept are: {', '.join(kept)}")

    def _keep(self, wanted: Sequence[Asked]) -> None:
        """From now on, as soon as they are built."""
        with self._database.writing() as connection:
            for asked in wanted:
                facet_periods.ask(connection, asked, _until(connection), _dimensions(connection))
        while self._build({asked[:2] for asked in wanted}):
            pass
        self._scored = None
        self.score()

    def _turn(self) -> None:
        """When a day is over, periods that still run are to be judged anew, and some of them to be forgotten."""
        with self._database.reading() as connection:
            today = _until(connection)
            outdated = facet_periods.outdated(facet_periods.standing(connection), today)
            beyond = facet_periods.beyond(connection)
        if today == self._looked and not outdated and not beyond:
            return
        with self._database.writing() as connection:
            facet_periods.forget(connection, today)
            facet_periods.turn(connection, today)
        self._looked = today

    def _settle(self) -> int:
        """Some of the accounts that wait; how many there were."""
        with self._database.reading() as connection:
            standing = facet_periods.standing(connection)
            waiting = facet_backlog.some(connection, standing)
            if not waiting:
                return 0
            since = {one.account_id: one.day for one in waiting}
            made = facet_keeping.make(connection, self._agreed, _dimensions(connection), since, standing)
        with self._database.writing() as connection:
            facet_keeping.write(connection, _dimensions(connection), made)
            facet_backlog.done(connection, waiting)
            _count(connection, SETTLED)
        return len(waiting)

    def _build(self, only: Collection[Days] | None = None) -> int:
        """The next accounts of periods that are being built; whether there was anything to do."""
        with self._database.reading() as connection:
            group = facet_periods.together(facet_periods.standing(connection), only)
            if not group:
                return 0
            settled = get(connection, SETTLED)
            limit = max(1, min(ACCOUNTS_TOGETHER, SHEETS_TOGETHER // len(group)))
            found, reached = facet_store.firsts(connection, group[0].built_to or "", limit)
            since = dict.fromkeys(found, facet_store.DAY_MIN)
            made = facet_keeping.make(connection, self._agreed, _dimensions(connection), since, group)
        with self._database.writing() as connection:
            if get(connection, SETTLED) != settled:  # by somebody else, and perhaps what was just made anew
                return 1
            facet_keeping.write(connection, _dimensions(connection), made)
            for one in group:
                facet_periods.built(connection, one, reached)
            _count(connection, SETTLED)
        return 1


def _dimensions(connection: Connection) -> tuple[str, ...]:
    """What cohorts are kept by: as the ledger's figures."""
    noted = get(connection, KEPT_BY)
    return DIMENSIONS if noted is None else tuple(json.loads(noted))


def _count(connection: Connection, note: str) -> None:
    put(connection, note, str(int(get(connection, note) or 0) + 1))


def _newest(connection: Connection) -> float:
    return float(get(connection, NEWEST) or 0.0)


def _until(connection: Connection) -> date:
    """The day after the newest one that is known of."""
    return day_of(day_number_of(_newest(connection)) + 1)
