"""The promise of the scorecard's feed: what is in the log counts exactly once, though the feeding process is killed
again and again in the midst of everything; and it never outlives its service."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from scorecard.facets.facets import Facets
from scorecard.model import asked, facet_store
from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.rows import Cohort
from scorecard.period import Period
from scorecard.settings.file import load_scorecard, shipped_text
from scoring.days import iso
from scoring.event import Event
from streams.embedded.origin import LogOrigin
from streams.scorecard import opening
from streams.scorecard.order import Order
from tests.scorecard.model import oracle
from tests.scorecard.model.places import Place
from tests.streams.embedded.running import START, VOCABULARY, Running, running
from tests.streams.embedded.sent import Message, group, track
from tests.streams.scorecard import victim

KILLS = 20
ACCOUNTS = 60
BATCH_MAX = 8
PAUSE_S = 0.02
"""Between batches: some 2,000 events in all, so that accounts have histories as real ones have."""

PATIENCE_S = 60.0
DAY = 86_400.0

SETTINGS = load_scorecard(shipped_text(), file="default_scorecard.yaml")
TERMS = opening.terms(SETTINGS)
PERIODS = [Period.parse(text) for text in ("2026", "2026-Q1", "2026-05", "12m to 2026-05")]
BY: list[tuple[str, ...]] = [(), ("segment",), ("product",), ("segment", "product_mix")]

FORKS = multiprocessing.get_context("forkserver")


def message(dice: random.Random, number: int) -> Message:
    """Something about some account: money, late or corrected; what it is; a touchpoint; usage."""
    account = f"a{dice.randrange(ACCOUNTS)}"
    at = START - dice.uniform(0, 400) * DAY
    kind = dice.random()
    if kind < 0.15:
        traits: dict[str, Any] = {"segment": dice.choice(("smb", "enterprise"))}
        if dice.random() < 0.1:
            traits["merged_into"] = f"a{dice.randrange(ACCOUNTS)}"
        return {**group(number, account, **traits), "timestamp": iso(at)}
    if kind < 0.3:
        properties: dict[str, Any] = {"kind": dice.choice(("academy", "council"))}
        return {**track(number, account, dice.randrange(5), at=at, event="Touchpoint"), "properties": properties}
    if kind < 0.5:
        return track(number, account, dice.randrange(5), at=at)
    name = dice.choice(("Created", "Upgraded", "Downgraded", "Cancelled", "Resumed"))
    properties = {
        "subscription_id": f"{account}-{dice.randrange(2)}", "product": dice.choice(("core", "plan")),
        "arr": dice.randrange(1, 100) * 10, "currency": "USD",
    }  # fmt: skip
    return {**track(number, account, None, at=at, event=f"Subscription {name}"), "properties": properties}


def send(service: Running, dice: random.Random, number: int) -> int:
    """A batch; the number of the next message."""
    size = dice.randint(1, BATCH_MAX)
    service.submit([message(dice, number + place) for place in range(size)])
    return number + size


def logged(directory: Path) -> list[Event]:
    """All that is in the log."""
    events: list[Event] = []
    positions: dict[str, int] = {}
    with closing(LogOrigin(directory, VOCABULARY, usage=True)) as origin:
        while (stretch := origin.read(positions)).positions:
            events += stretch.events
            positions |= stretch.positions
    return events


def answers(model: Model) -> list[dict[Cohort, Any]]:
    return [model.sheet(period, by) for period in PERIODS for by in BY]


@pytest.mark.timeout(600)
def test_killed_again_and_again_every_event_of_the_log_counts_once(
    tmp_path: Path, new_place: Callable[[], Place]
) -> None:
    FORKS.set_forkserver_preload(["tests.streams.scorecard.victim"])
    dice, place, number, deaths = random.Random(11), new_place(), 0, 0
    with running(tmp_path) as service:
        order = Order(tmp_path, place, SETTINGS, VOCABULARY)
        number = send(service, dice, number)
        while deaths < KILLS:
            process = FORKS.Process(target=victim.run, args=(order,), daemon=True)
            process.start()
            until = time.monotonic() + dice.uniform(0.05, 0.8)
            while time.monotonic() < until:
                number = send(service, dice, number)
                time.sleep(PAUSE_S)
            assert process.is_alive(), "it died by itself"
            process.kill()
            process.join(PATIENCE_S)
            deaths += 1
        events = logged(tmp_path)
        process = FORKS.Process(target=victim.run, args=(order,), daemon=True)
        process.start()
        with closing(Database(place)) as database:
            source = opening.source(database, SETTINGS)
            end = int(service.number("SELECT max(seq) FROM log")) + 1
            soon(lambda: _all(source.model.positions(), end) and _all(source.facets.positions(), end))
            soon(lambda: not source.model.unsettled())
            assert process.is_alive()
            process.kill()
            process.join(PATIENCE_S)
            _check(database, source.model, events)
    print(f"{deaths} kills, {len(events)} events")


def _all(positions: dict[str, int], end: int) -> bool:
    return bool(positions) and set(positions.values()) == {end}


def soon(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def _check(database: Database, model: Model, events: list[Event]) -> None:
    books = oracle.books_of((event for event in events if event.stream != "usage"), TERMS)
    families = oracle.families_of(books, TERMS)
    assert answers(model) == [oracle.sheets(families, period, by, TERMS) for period in PERIODS for by in BY]
    with database.reading() as connection:
        moved = connection.exec_driver_sql("SELECT account_id, cents, message_id FROM v_movements").all()
        touched = connection.exec_driver_sql("SELECT account_id, message_id FROM v_touchpoints").all()
        agreed = opening.agreed(SETTINGS)
        known = facet_store.load(connection, agreed, {event.account_id for event in events})
    of_books = [row for book in books.values() for row in book.movements]
    assert Counter(map(tuple, moved)) == Counter((row.account_id, row.cents, row.message_id) for row in of_books)
    marks = Counter((book.account_id, touch.message_id) for book in books.values() for touch in book.touchpoints)
    assert Counter(map(tuple, touched)) == marks
    facets = {account_id: Facets(agreed) for account_id in known}
    for event in events:
        facets[event.account_id].take(event)
    assert {account_id: one.pack() for account_id, one in known.items()} == {
        account_id: one.pack() for account_id, one in facets.items()
    }


SERVE = "from streams.cli import app; app()"


@pytest.mark.timeout(120)
def test_a_killed_service_takes_its_feeding_process_with_it_and_the_next_one_goes_on(tmp_path: Path) -> None:
    def start() -> tuple["subprocess.Popen[str]", str]:
        command = [sys.executable, "-c", SERVE, "serve", "--data", str(tmp_path), "--port", "0"]
        service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert service.stdout is not None
        return service, service.stdout.readline().split('"')[3]

    def tell(url: str, number: int, arr: int) -> None:
        message = {
            **track(number, "acme", None, at=time.time() - 60, event="Subscription Created"),
            "properties": {"subscription_id": f"s-{number}", "product": "core", "arr": arr, "currency": "USD"},
        }
        assert httpx.post(f"{url}/v1/batch", json={"batch": [message]}).status_code == 200

    year = Period.parse(f"{datetime.now(UTC):%Y}")
    first, url = start()
    tell(url, 1, 100)
    with closing(Database(tmp_path / "scorecard.db")) as database:
        soon((tmp_path / "scorecard.db").exists)
        model = opening.source(database, SETTINGS, computes=False).model
        soon(lambda: model.sheet(year)[()].total_end == 100_00 if model.newest() else False)
        (feeding,) = _children(first.pid)
        first.kill()
        first.communicate()
        soon(lambda: not _lives(feeding))
        second, url = start()
        tell(url, 2, 50)
        soon(lambda: model.sheet(year)[()].total_end == 150_00)
        second.send_signal(signal.SIGTERM)
        second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 0


STOP_S = 10.0
"""Who runs containers kills what has not ended by then."""


@pytest.mark.timeout(120)
def test_a_service_ends_in_time_though_its_feeding_process_hangs_and_somebody_waits_for_figures(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, "serve", "--data", str(tmp_path), "--port", "0"]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert service.stdout is not None
    url = service.stdout.readline().split('"')[3]
    soon(lambda: httpx.get(f"{url}/v1/scorecard/state").status_code == 200)
    (feeding,) = _children(service.pid)
    os.kill(feeding, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        asking = threads.submit(httpx.get, f"{url}/v1/retention?period=2001-W07", timeout=PATIENCE_S)
        soon(lambda: _wished(tmp_path / "scorecard.db"))
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=STOP_S)
        assert service.returncode == 0
        assert asking.exception() is not None or asking.result().status_code >= 500
    soon(lambda: not _lives(feeding))


def _wished(file: Path) -> bool:
    with closing(Database(file)) as database, database.reading() as connection:
        return bool(asked.wished(connection))


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
