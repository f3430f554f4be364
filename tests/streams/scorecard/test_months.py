"""C4: with which scores months began is told by what the service had published by then."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scorecard.model.database import Database
from scorecard.model.prior import Prior
from scorecard.model.schema import prepare
from scorecard.settings.file import load_scorecard, shipped_text
from streams.kafka.service.model import NOTE_S, Batch, Model
from streams.kafka.topics import HEALTH
from streams.scorecard import feeder, opening
from streams.scorecard import months as module
from streams.scorecard.months import LOOK_S, MONTHS_MAX, Months, months
from streams.scorecard.order import Order
from streams.scorecard.published import SETTLED_S, Published
from tests.scorecard.model.places import Place
from tests.streams.embedded.running import DAY, SOON_S, START, VOCABULARY, Clock, Running, running
from tests.streams.embedded.sent import track
from tests.streams.kafka.test_read_model import TOPICS, health

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))


@pytest.fixture
def prior(new_place: Callable[[], Place]) -> Iterator[Prior]:
    with closing(Database(new_place())) as database:
        prepare(database)
        yield Prior(database)


def keep_up(prior: Prior, directory: Path, *, on_kafka: bool = False) -> None:
    step = Months(prior, Published(directory, on_kafka))
    while step():
        pass


def use(service: Running, accounts: tuple[str, ...], days: int) -> None:
    """Each account used on each day, before time goes on by one."""
    for day in range(days):
        service.send([track(f"{account}-{service.clock.now}-{day}", account, day % 3) for account in accounts])
        service.pass_time(DAY)


def published(service: Running, account: str, at: datetime) -> float | None:
    found = service.service.reader.history(account, 0.0, at.timestamp(), 1)
    return found[0].score if found else None


def test_a_month_begins_with_what_was_published_by_then_and_silence_has_pulled_down(
    tmp_path: Path, prior: Prior
) -> None:
    clock = Clock(START - 20 * DAY)
    with running(tmp_path, clock=clock) as service:
        use(service, ("busy", "silent"), 10)
        use(service, ("busy",), 60)
        use(service, ("busy", "silent", "late"), 20)
        wanted = {
            day.date(): {
                account: score
                for account in ("busy", "silent", "late")
                if (score := published(service, account, day)) is not None
            }
            for day in (JUNE, JULY, AUGUST)
        }
    assert clock.now > AUGUST.timestamp()
    keep_up(prior, tmp_path)
    assert {day: prior.of(day) for day in wanted} == wanted
    silent = [wanted[day]["silent"] for day in wanted]
    assert silent[0] > silent[1] < silent[2], "it fell silent, and came back"
    assert "late" not in wanted[JULY.date()]
    assert prior.of(date(2026, 5, 1)) == {}
    assert len(prior.days()) == MONTHS_MAX


def test_a_month_that_begins_is_noted_once_and_stays_as_it_was(tmp_path: Path, prior: Prior) -> None:
    clock = Clock(JUNE.timestamp() - 3 * DAY)
    with running(tmp_path, clock=clock) as service:
        use(service, ("acme",), 2)
    keep_up(prior, tmp_path)
    assert prior.newest() == date(2026, 5, 1), "June has not begun"
    with running(tmp_path, clock=clock) as service:
        use(service, ("acme",), 3)
        before = published(service, "acme", JUNE)
    keep_up(prior, tmp_path)
    assert prior.of(JUNE.date()) == {"acme": before}
    version = prior.version(JUNE.date())
    with running(tmp_path, clock=clock) as service:
        use(service, ("acme", "bolt"), 5)
        assert published(service, "acme", datetime.fromtimestamp(clock.now, UTC)) != before
    keep_up(prior, tmp_path)
    assert (prior.of(JUNE.date()), prior.version(JUNE.date())) == ({"acme": before}, version)


def test_what_a_death_cut_short_is_done_by_the_next_one(
    tmp_path: Path, prior: Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PORTION", 2)
    clock = Clock(JUNE.timestamp() - 3 * DAY)
    accounts = tuple(f"a{number}" for number in range(7))
    with running(tmp_path, clock=clock) as service:
        use(service, accounts, 4)
        wanted = {account: published(service, account, JUNE) for account in accounts}
    dying = Months(prior, Published(tmp_path, on_kafka=False))
    assert [dying(), dying()] == [MONTHS_MAX, MONTHS_MAX]
    assert prior.of(JUNE.date()) == {}
    keep_up(prior, tmp_path)
    assert prior.of(JUNE.date()) == wanted
    assert prior.version(JUNE.date()) == 2, "June, and May in which nobody was there"


def test_whoever_feeds_the_figures_notes_the_months(tmp_path: Path, new_place: Callable[[], Place]) -> None:
    clock, place, stop = Clock(JUNE.timestamp() - 3 * DAY), new_place(), threading.Event()
    with running(tmp_path, clock=clock) as service:
        use(service, ("acme",), 4)
        wanted = published(service, "acme", JUNE)
    order = Order(tmp_path, place, load_scorecard(shipped_text(), file="default_scorecard.yaml"), VOCABULARY)
    with ThreadPoolExecutor(1) as threads, closing(Database(place)) as database:
        feeding = threads.submit(feeder.run, order, stop)
        try:
            made = opening.source(database, order.settings, computes=False).prior
            until(lambda: made.of(JUNE.date()) == {"acme": wanted})
        finally:
            stop.set()
        feeding.result()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_nothing_is_read_before_it_is_time_to_look_again(tmp_path: Path, prior: Prior) -> None:
    now = [1_000.0]
    step = Months(prior, Published(tmp_path, on_kafka=False), lambda: now[0])
    assert step() == 0, "there is no service yet"
    with running(tmp_path, clock=Clock(JUNE.timestamp() + DAY)) as service:
        use(service, ("acme",), 1)
    now[0] += LOOK_S - 0.1
    assert step() == 0
    now[0] += 0.2
    assert step() == MONTHS_MAX


def test_of_topics_a_month_is_noted_when_what_was_published_by_then_was_read(tmp_path: Path, prior: Prior) -> None:
    at = JUNE.timestamp()
    with closing(Model(tmp_path, TOPICS, 800 * DAY)) as model:
        model.apply(
            [Batch(HEALTH, 0, [health(0, at - 9 * DAY, 60.0, "ok"), health(1, at - 9 * DAY, 9.0, "b", "bolt")])]
        )
        model.read_all(at + SETTLED_S - 1)
        keep_up(prior, tmp_path, on_kafka=True)
        assert prior.newest() == date(2026, 5, 1)
        told = [health(2, at - 60, 41.5, "ok"), health(3, at + 60, 40.0, "ok"), health(4, at + 2 * DAY, 12.0, "bad")]
        model.apply(
            [Batch(HEALTH, 0, [*told, health(5, at + 60, 99.0, "ok", "new"), health(6, at, None, None, "none")])]
        )
        model.read_all(at + SETTLED_S + 1)
        keep_up(prior, tmp_path, on_kafka=True)
        assert prior.newest() == date(2026, 5, 1), "it is noted now and then only"
        model.read_all(at + SETTLED_S + NOTE_S)
    keep_up(prior, tmp_path, on_kafka=True)
    assert prior.of(JUNE.date()) == {"acme": 41.5, "bolt": 9.0}


def test_months_are_counted_from_the_newest_that_has_begun() -> None:
    begun = months(JUNE.timestamp() + 1)
    assert (len(begun), begun[0], begun[6], begun[-1]) == (
        MONTHS_MAX, date(2026, 6, 1), date(2025, 12, 1), date(2024, 7, 1),
    )  # fmt: skip
    assert months(JUNE.timestamp())[0] == date(2026, 5, 1)
    assert months(0.0) == []
