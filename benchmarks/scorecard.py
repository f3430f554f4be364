"""How fast is the scorecard's read model, against its own database and against computing anew?

    python -m benchmarks.scorecard [MOVEMENTS] [ACCOUNTS] [URL]

MOVEMENTS (1,000,000) of ACCOUNTS (100,000) over three years, after a group call for each account, go through
Model.take, 250,000 events to a transaction as in a replay, into a SQLite file, or into the empty database at URL. Its
time is told in three parts. `core`: the core makes movements of events, books of bytes and bytes of books
(Book.take_all, record.unpack, record.pack). `books`: these bytes are read and written, once for each account of a
transaction.
`ingest`: all else, from the movements that the core found to their rows: which accounts they are of, what reversals
take back, postings, traits, positions, what is to be settled, the transactions and their commits.

`bulk` inserts the very rows that each transaction left behind, but the books' (every other table, with its indexes, in
the same order), into another read model by the same driver, right after that transaction: so that what else goes on on
the machine is the same for both. `bulk_books` inserts the books, once, at the end.
`ingest_ratio` is bulk / ingest (the aim is at least 0.5), `stored_ratio` is (bulk + bulk_books) / (ingest + books),
`whole_ratio` is (bulk + bulk_books) / everything, the core included.

Then PERIODS are kept, which computes each for every entity once, and each view is asked ASKED times: sheets, and what
is counted beside them. `anew` computes one whole sheet from the ledger: reads all postings, nets them, and lets the
core add up. `view_ratio` is the slowest view's median / anew (the aim is under 1 / 20). `online_ms` is one movement
more, with all kept figures that it touches, and `touchpoint_ms` one touchpoint.
Memory is the process's own: before, after a fifth of the events, after all, and after each step from then on; what
`bulk` leaves is the benchmark's, and stays.

`compared_s` is what C3 to C5 take when first asked for, over a socket (GET /lift, which `accountpulse nrr --clg`
computes as well), once a fifth of the accounts was touched by one of three programmes before the year: every book is
read, and accounts are drawn anew a thousand times for the whole, each programme, and the placebo of each. `again_ms` is
the same question after a movement of a later day, which leaves the answer as it is; `restated_ms` after one of within
the year, `touched_ms` after a touchpoint before it that exposes one account more, medians. `attributed_s` is C6 by all
models when first asked for, `shared_ms` after each of these movements.
"""

import gc
import json
import random
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import Table, select

from scorecard.model import books, tables
from scorecard.model.database import Database
from scorecard.model.known import movement_of
from scorecard.model.ledger import net
from scorecard.model.model import Model
from scorecard.model.tables import METADATA, accounts, day_number, postings
from scorecard.model.terms import PRODUCT, Terms
from scorecard.period import EVER, Period
from scorecard.rates import Rates
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile
from scorecard.sheet import Sheet, sheet
from scoring.days import DAY
from scoring.event import Event
from streams.http.retention import Retention
from streams.scorecard.feeder import GC_YOUNG
from streams.scorecard.opening import TAKEN_TOGETHER, source

START = 1_672_531_200.0
"""2023-01-01."""
SPAN_S = 3 * 365 * 86_400.0
STRIDE = 611_953
"""A prime: consecutive movements belong to accounts that lie far apart."""
PERIODS = (*map(Period.parse, ("2025-06", "2025-Q2", "2025")), EVER)
YEAR = PERIODS[2]
VIEWS: tuple[tuple[str, ...], ...] = (
    (), ("segment",), ("industry",), ("product",), ("start_month",), ("segment", "region"), ("segment", "product"),
)  # fmt: skip
PROGRAMMES = ("academy", "community", "council")
ASKED = 7
TERMS = Terms(Rates("EUR"))
GROWING = [table for table in METADATA.sorted_tables if table.primary_key.columns.keys() == ["id"]]
"""Tables to which transactions add rows with ever greater keys. The others but the books are empty until periods are
kept, or hold notes that opening a read model makes."""


def events(movements: int, count: int) -> Iterator[Event]:
    """Group calls, then revenue in order of time."""
    for n in range(count):
        traits = {"segment": f"s{n % 4}", "industry": f"i{n % 11}", "region": f"r{n % 3}", "motion": f"m{n % 2}"}
        yield Event(f"acct-{n}", "accounts", "group", START - 60, START - 60, f"g-{n}", None, traits)
    dice, held = random.Random(1), dict[int, float]()
    for n in range(movements):
        account, at = n * STRIDE % count, START + n * SPAN_S / movements
        before = held.get(account)
        arr = round(dice.uniform(1e3, 1e5), 2) if before is None else round(before * dice.uniform(0.8, 1.3), 2)
        name = "started" if before is None else "expanded" if arr > before else "contracted"
        held[account] = arr
        said = {"subscription_id": f"s-{account}", "product": f"p{account % 3}", "arr": arr, "currency": "EUR"}
        yield Event(f"acct-{account}", "revenue", f"subscription_{name}", at, at + 5, f"m-{n}", None, said)


class Watch:
    """The seconds that some functions take."""

    def __init__(self, *functions: tuple[Any, str]) -> None:
        self.seconds = 0.0
        for place, name in functions:
            self._watch(place, name)

    def _watch(self, place: Any, name: str) -> None:
        inner: Callable[..., Any] = getattr(place, name)
        clock = time.perf_counter

        def timed(*given: Any) -> Any:
            began = clock()
            found = inner(*given)
            self.seconds += clock() - began
            return found

        setattr(place, name, timed)


class Bulk:
    """The rows of one read model once more, into an empty one."""

    def __init__(self, full: Database, empty: Database) -> None:
        self._full = full
        self._empty = empty
        self._reached = dict.fromkeys(GROWING, 0)
        self.seconds = 0.0
        """For what was there whenever it followed."""
        Model(empty, TERMS)

    def follow(self) -> None:
        """Insert what was added since the last time."""
        for table, reached in self._reached.items():
            seconds, self._reached[table] = self.insert(table, reached)
            self.seconds += seconds

    def insert(self, table: Table, after: int = 0) -> tuple[float, int]:
        """Insert the rows of a table whose keys are greater; seconds, and the greatest key."""
        (key,), spent = table.primary_key.columns, 0.0
        with self._full.reading() as connection:
            rows = connection.execution_options(yield_per=TAKEN_TOGETHER).execute(
                select(table).where(key > after).order_by(key)
            )
            for some in rows.partitions(TAKEN_TOGETHER):
                plain = [tuple(row) for row in some]
                began = time.perf_counter()
                with self._empty.writing() as there:
                    self._empty.append(there, table, plain)
                spent += time.perf_counter() - began
                after = plain[-1][0]
        return spent, after


def ingest(model: Model, movements: int, count: int, follow: Callable[[], None]) -> dict[str, float]:
    """All events into the read model: seconds of each part, and megabytes. follow: after each transaction."""
    core, stored = (
        Watch((books, "opened"), (books, "read"), (books, "packed")),
        Watch((books, "fetch"), (books, "write")),
    )
    spent, position, early = 0.0, 0, 0.0
    given = events(movements, count)
    while batch := list(islice(given, TAKEN_TOGETHER)):
        began = time.perf_counter()
        position += len(batch)
        model.take(batch, {"bench": position})
        spent += time.perf_counter() - began
        if not early and position >= (movements + count) / 5:
            early = resident_mb()
        follow()
    return {
        "everything": spent, "core": core.seconds, "books": stored.seconds,
        "ingest": spent - core.seconds - stored.seconds, "mb_after_a_fifth": early, "mb_after_all": resident_mb(),
    }  # fmt: skip


def anew(database: Database, period: Period) -> tuple[float, Sheet]:
    """Seconds for the sheet of a period from the ledger, and the sheet."""
    began, total = time.perf_counter(), Sheet()
    query = select(postings, accounts.c.account_id).join(accounts, accounts.c.id == postings.c.account)
    with database.reading() as connection:
        rows = connection.execution_options(yield_per=TAKEN_TOGETHER).execute(
            query.order_by(postings.c.account, postings.c.id)
        )
        for _, some in groupby(rows, key=lambda row: row.account):
            lines = [(row.id, row.reverses, movement_of(row)) for row in some]
            total += sheet(sorted(net(lines), key=lambda one: one.on), period, TERMS.rates)
    return round(time.perf_counter() - began, 2), total


def asked(model: Model) -> dict[str, float]:
    """Milliseconds of each view, medians."""
    period, found = YEAR, {}
    views: dict[str, Callable[[], object]] = {
        "sheet by " + (", ".join(by) or "nothing"): partial(model.sheet, period, by) for by in VIEWS
    }
    views |= {
        "counts by " + (", ".join(by) or "nothing"): partial(model.tallies, period, by)
        for by in VIEWS
        if PRODUCT not in by
    }
    views["series"] = lambda: model.series(PERIODS[:3], ("segment",))
    views["accounts, a page"] = lambda: model.accounts(period, {"segment": "s1", "industry": "i3"})
    views["movements, a page"] = lambda: model.movements(period)
    for name, view in views.items():
        took = []
        for _ in range(ASKED):
            began = time.perf_counter()
            view()
            took.append(1_000 * (time.perf_counter() - began))
        found[name] = round(median(took), 2)
    return found


def online(model: Model, count: int) -> dict[str, float]:
    """Milliseconds for one movement more, and for one touchpoint; medians."""
    took = dict[str, list[float]]()
    for n in range(ASKED):
        account, at = n * STRIDE % count, START + SPAN_S + n
        said = {"subscription_id": f"s-{account}", "product": f"p{account % 3}", "arr": 5_000 + n, "currency": "EUR"}
        one = Event(f"acct-{account}", "revenue", "subscription_expanded", at, at + 5, f"x-{n}", None, said)
        touch = Event(f"acct-{account}", "advocacy", "touchpoint", at, at + 5, f"w-{n}", "ann", {"kind": "academy"})
        for name, event in (("online_ms", one), ("touchpoint_ms", touch)):
            late = event.replace(at=START + SPAN_S * 0.8, message_id=f"{event.message_id}-late")
            for each in (event, late):
                began = time.perf_counter()
                model.take([each], {})
                took.setdefault(name, []).append(1_000 * (time.perf_counter() - began))
    return {name: round(median(some), 2) for name, some in took.items()}


def compared(database: Database, model: Model, count: int) -> dict[str, float]:
    """C3 to C6 of a year over a socket: first asked for, again though a movement of a later day came, and once late
    data touched the year.
    """
    label, before = YEAR.label, (day_number(YEAR.start) - 30) * DAY
    model.take([_touched(n, f"t-{n}", before, before, n // 5) for n in range(0, count, 5)], {})
    opened = source(database, ScorecardFile(version="1", currency=TERMS.rates.reporting))
    took: dict[str, list[float]] = {"again_ms": [], "restated_ms": [], "touched_ms": [], "shared_ms": []}
    with serving(opened) as address:
        lift, attribution = (f"{address}/{name}?period={label}" for name in ("lift", "attribution"))
        first, found = got(lift)
        assert sorted(found["programmes"]) == sorted(PROGRAMMES)
        shared, _ = got(attribution)
        for n in range(ASKED):
            later, within = day_number(YEAR.end) * DAY + 9 * DAY + n, START + SPAN_S * 0.9 + n  # the year is over
            account = 5 * n + 1
            for name, event in (
                ("again_ms", _grown("acct-0", f"later-{n}", later, 7_000 + n)),
                ("restated_ms", _grown(f"acct-{account}", f"late-{n}", within, 9_000_000)),
                ("touched_ms", _touched(account, f"late-t-{n}", before, later, n)),
            ):
                model.take([event], {})
                seconds, answer = got(lift)
                assert (answer["lifts"] == found["lifts"]) is (name == "again_ms")
                took[name].append(1_000 * seconds)
                found = answer
            took["shared_ms"].append(1_000 * got(attribution)[0])
    return {
        "compared_s": round(first, 2), "attributed_s": round(shared, 2),
        **{name: round(median(some), 1) for name, some in took.items()},
    }  # fmt: skip


def _touched(account: int, message_id: str, at: float, arrived: float, programme: int) -> Event:
    said = {"kind": PROGRAMMES[programme % len(PROGRAMMES)]}
    return Event(f"acct-{account}", "advocacy", "touchpoint", at, arrived, message_id, "ann", said)


def _grown(account: str, subscription: str, at: float, arr: int) -> Event:
    said = {"subscription_id": subscription, "product": "p1", "arr": arr, "currency": "EUR"}
    return Event(account, "revenue", "subscription_started", at, at + 5, subscription, None, said)


@contextmanager
def serving(opened: Source) -> Iterator[str]:
    """The scorecard's routes on a port of this machine; where they are."""
    app, routes = FastAPI(), APIRouter()
    Retention(lambda: opened).add_to(routes)
    app.include_router(routes)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as place:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def got(url: str) -> tuple[float, Any]:
    """Seconds until an answer was there, and the answer."""
    began = time.perf_counter()
    with urlopen(url) as answer:
        body = answer.read()
    return time.perf_counter() - began, json.loads(body)


def resident_mb() -> float:
    """Of this process."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


def tell(**found: object) -> None:
    print(json.dumps(found), flush=True)


def main() -> None:
    gc.set_threshold(GC_YOUNG, 20, 100)  # as in the process that feeds the scorecard
    given = sys.argv[1:]
    movements, count = (int(text) for text in (*given[:2], *("1000000", "100000")[len(given[:2]) :]))
    with tempfile.TemporaryDirectory() as directory:
        place: Any = given[2] if len(given) > 2 else Path(directory) / "full.db"
        with closing(Database(place)) as full:
            model = Model(full, TERMS)
            tell(movements=movements, accounts=count, database=full.name.partition(":")[0], mb=resident_mb())
            with closing(Database(Path(directory) / "again.db")) as empty:
                again = Bulk(full, empty)
                spent = ingest(model, movements, count, again.follow if full.is_sqlite else lambda: None)
                tell(**{name: round(value, 2) for name, value in spent.items()})
                if full.is_sqlite:
                    of_books, _ = again.insert(tables.books)
                    both = again.seconds + of_books
                    tell(
                        bulk=round(again.seconds, 2),
                        bulk_books=round(of_books, 2),
                        ingest_ratio=round(again.seconds / spent["ingest"], 3),
                        stored_ratio=round(both / (spent["ingest"] + spent["books"]), 3),
                        whole_ratio=round(both / spent["everything"], 3),
                        mb=resident_mb(),
                    )
            for period in PERIODS:
                began = time.perf_counter()
                model.keep(period)
                tell(kept=period.label, seconds=round(time.perf_counter() - began, 2), mb=resident_mb())
            seconds, computed = anew(full, YEAR)
            assert computed == model.sheet(YEAR)[()]
            views = asked(model)
            tell(anew_s=seconds, views_ms=views, view_ratio=round(max(views.values()) / 1_000 / seconds, 4))
            tell(**online(model, count), mb=resident_mb())
            tell(**compared(full, model, count), mb=resident_mb())


if __name__ == "__main__":
    main()
