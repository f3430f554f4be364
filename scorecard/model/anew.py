"""What other terms than before mean for a read model: everything that hangs on them is computed anew."""

from sqlalchemy import Connection, delete, func, select

from scorecard.model import books, facet_periods
from scorecard.model.database import Database
from scorecard.model.keeping import Keeper
from scorecard.model.ledger import Ledger
from scorecard.model.register import Register
from scorecard.model.schema import get, put
from scorecard.model.tables import ANY, OF_PERIODS, accounts, cohort_values, cohorts, dirty, exposing
from scorecard.model.terms import RATES, Terms
from scorecard.model.upsert import TOGETHER


def apply(database: Database, connection: Connection, terms: Terms, known_at: float) -> bool:
    """Make the read model fit the terms, within the transaction that is open; whether it had to be changed.

    known_at: what other rates change of the ledger is known since then, unix seconds.
    """
    told = terms.told()
    before = {key: get(connection, key) for key in told}
    if before == told:
        return False
    for key, value in told.items():
        put(connection, key, value)
    facet_periods.restart(connection)  # of cohorts by number, which are given anew
    connection.execute(delete(exposing))
    counting = (ANY,) if terms.exposing.programmes is None else sorted(terms.exposing.programmes)
    database.append(connection, exposing, [(programme,) for programme in counting])
    if before[RATES] not in (None, told[RATES]):
        _revalue(database, connection, terms, known_at)
    if any(before[key] not in (None, told[key]) for key in told):
        Register(database, connection, terms.unit).reassign()
        for table in (*OF_PERIODS, cohort_values, cohorts, dirty):
            connection.execute(delete(table))
        keeper = Keeper(database, connection, terms)
        for standing in keeper.standing():
            keeper.keep(standing)
    return True


def _revalue(database: Database, connection: Connection, terms: Terms, known_at: float) -> None:
    """Post what the rates change, account by account."""
    last = connection.execute(select(func.max(accounts.c.id))).scalar() or 0
    for first in range(1, last + 1, TOGETHER):
        rows = connection.execute(
            select(accounts.c.account_id, accounts.c.id).where(accounts.c.id >= first, accounts.c.id < first + TOGETHER)
        )
        numbers = dict(rows.all())
        ledger, changed = Ledger(database, connection), list[books.Read]()
        for number, book in books.opened(numbers.items(), books.fetch(connection, numbers.values())):
            change = book.revalue(terms.rates, known_at)
            if change.touched is not None:
                ledger.add(number, change, known_at)
                changed.append((number, book, []))
        ledger.write()
        books.write(database, connection, books.packed(changed))
