"""Feeding a read model: from where it stands, each event once, and one that can't be taken stops nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scorecard.issue import Issue
from scorecard.model.database import Database, NotStorable, Unavailable
from scorecard.model.model import Model
from scorecard.model.passed import Passed
from scorecard.model.terms import Terms
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.settings.file import default_scorecard
from scoring.event import Event
from streams.embedded.origin import SPAN, LogOrigin
from streams.scorecard import opening
from streams.scorecard.feed import ERRORS_MAX, Feed
from streams.scorecard.passing import passed_over
from streams.scorecard.stretch import OriginError, Stretch
from tests.streams.embedded.running import START, VOCABULARY, running
from tests.streams.embedded.sent import Message, track

SETTINGS = default_scorecard()
TERMS = Terms(Rates("EUR"))
PERIOD = Period.parse("2026-05")


def revenue(number: int, account: str, arr: float, name: str = "Subscription Created") -> Message:
    return {
        "type": "track", "event": name, "messageId": f"r-{number}", "context": {"groupId": account},
        "timestamp": "2026-05-10T12:00:00Z",
        "properties": {"subscription_id": f"s-{account}", "product": "core", "arr": arr, "currency": "EUR"},
    }  # fmt: skip


def never() -> int:
    return 0


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    with closing(Database(tmp_path / "scorecard.db")) as database:
        yield Model(database, TERMS)


def test_what_is_in_the_log_is_in_the_figures_and_a_feed_goes_on_from_where_the_read_model_stands(
    tmp_path: Path, model: Model
) -> None:
    with running(tmp_path) as service:
        service.send([revenue(1, "acme", 100), track("u-1", "acme", 1, at=START - 60)])
        with closing(Feed(model, LogOrigin(tmp_path, VOCABULARY, usage=False), never)) as feed:
            assert not feed.round()
            assert model.sheet(PERIOD)[()].new == 100_00
        service.send([revenue(2, "bolt", 50), *[track(f"u-{n}", "acme", n, at=START - 60) for n in range(2, 20)]])
        service.send([revenue(3, "acme", 300, "Subscription Upgraded")])
        with closing(Feed(model, LogOrigin(tmp_path, VOCABULARY, usage=False), never)) as feed:
            assert not feed.round()
        assert model.sheet(PERIOD)[()].total_end == 350_00
        (position,) = model.positions().values()
        assert position == service.number("SELECT max(seq) FROM log") + 1


def test_a_long_log_is_read_stretch_by_stretch(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        service.send([track(f"u-{n}", f"a{n % 7}", n % 5, at=START - 60) for n in range(SPAN + 10)])
        with closing(LogOrigin(tmp_path, VOCABULARY, usage=True)) as origin:
            positions: Mapping[str, int] = {}
            sizes = []
            while (stretch := origin.read(positions)).positions:
                positions = stretch.positions
                sizes.append((len(stretch.events), stretch.behind))
    assert sizes == [(SPAN, 10), (10, 0)]


def test_usage_is_passed_over_where_nobody_reads_it(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        service.send([track("u-1", "acme", 1, at=START - 60), revenue(1, "acme", 100)])
        with closing(LogOrigin(tmp_path, VOCABULARY, usage=False)) as origin:
            stretch = origin.read({})
    assert [event.stream for event in stretch.events] == ["revenue"]
    assert list(stretch.positions.values()) == [3]


def test_a_read_model_of_another_log_is_refused(tmp_path: Path, model: Model) -> None:
    for name in ("one", "other"):
        with running(tmp_path / name) as service:
            service.send([revenue(1, "acme", 100)])
    with closing(Feed(model, LogOrigin(tmp_path / "one", VOCABULARY, usage=False), never)) as feed:
        feed.round()
    with pytest.raises(
        OriginError, match=r"made from log:.*, and not from the log in .*other; choose another database"
    ):
        Feed(model, LogOrigin(tmp_path / "other", VOCABULARY, usage=False), never)


class Listed:
    """An origin that gives some events, and then none."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def check(self, positions: Mapping[str, int]) -> None:
        pass

    def read(self, positions: Mapping[str, int]) -> Stretch:
        first = positions.get("list", 0)
        events = self._events[first:]
        places = [("list", number) for number in range(first + 1, len(self._events) + 1)]
        return Stretch(events, places, {"list": len(self._events)} if events else {}, 0)

    def close(self) -> None:
        pass


ZERO = ZeroDivisionError("division by zero")


class Picky:
    """A taker that fails on some events, and can be away."""

    def __init__(self, *hated: str, error: Exception = ZERO) -> None:
        self.hated = hated
        self.error = error
        self.over: list[Issue] = []
        self.away = False
        self.taken: list[str] = []
        self.at: dict[str, int] = {}

    def positions(self) -> dict[str, int]:
        return dict(self.at)

    def take(self, events: Sequence[Event], positions: Mapping[str, int], over: Sequence[Passed]) -> None:
        if self.away:
            raise Unavailable("away")
        if any(event.message_id in self.hated for event in events):
            raise self.error
        self.taken += [event.message_id for event in events]
        self.over += [one.issue for one in over]
        self.at |= positions


def listed(count: int) -> list[Event]:
    return [Event("acme", "revenue", "x", 1.0, 1.0, f"m{number}", None, {}) for number in range(count)]


def test_an_event_on_which_the_core_fails_is_passed_over_and_all_others_are_taken() -> None:
    taker = Picky("m1", "m3")
    Feed(taker, Listed(listed(5)), never).round()
    assert taker.taken == ["m0", "m2", "m4"]
    assert taker.at == {"list": 5}
    assert [(one.message_id, one.reason, one.message) for one in taker.over] == [
        ("m1", "core_error", "ZeroDivisionError: division by zero"),
        ("m3", "core_error", "ZeroDivisionError: division by zero"),
    ]


def test_a_core_that_fails_again_and_again_stops_the_feed_before_anything_is_lost() -> None:
    events = listed(ERRORS_MAX + 2)
    taker = Picky(*(event.message_id for event in events))
    with pytest.raises(ZeroDivisionError):
        Feed(taker, Listed(events), never).round()
    assert (taker.at, taker.over) == ({}, [])


def test_a_core_that_fails_on_any_number_of_events_among_others_is_not_stopped() -> None:
    events = listed(4 * ERRORS_MAX)
    taker = Picky(*(event.message_id for event in events[::2]))
    Feed(taker, Listed(events), never).round()
    assert taker.taken == [event.message_id for event in events[1::2]]
    assert len(taker.over) == 2 * ERRORS_MAX


def test_of_what_the_database_cannot_hold_any_number_is_passed_over() -> None:
    events = listed(3 * ERRORS_MAX)
    taker = Picky(*(event.message_id for event in events), error=NotStorable("no"))
    feed = Feed(taker, Listed(events), never)
    feed.round()
    assert not feed.round()
    assert taker.at == {"list": len(events)}
    assert [one.message_id for one in taker.over] == [event.message_id for event in events]


def test_to_find_one_among_many_costs_few_transactions() -> None:
    takes: list[int] = []

    class Counting(Picky):
        def take(self, events: Sequence[Event], positions: Mapping[str, int], over: Sequence[Passed]) -> None:
            takes.append(len(events))
            super().take(events, positions, over)

    taker = Counting("m700")
    Feed(taker, Listed(listed(1_000)), never).round()
    assert len(taker.taken) == 999
    assert len(takes) < 25


def test_text_that_a_database_refuses_is_an_issue_and_its_neighbours_count(
    new_database: Callable[[], Database],
) -> None:
    """By SQLite, half of a surrogate pair; by PostgreSQL, U+0000 as well"""
    database = new_database()
    model = opening.source(database, SETTINGS).model
    odd = "a\ud800" if database.is_sqlite else "a\0b"
    events = [accounted(number, odd if 0 < number < 151 else "smb") for number in range(152)]
    Feed(model, Listed(events), never).round()
    assert model.positions() == {"list": 152}
    found = model.issues(limit=1_000).rows
    assert [one.message_id for one in found] == [f"g{number}" for number in range(150, 0, -1)]
    assert {one[2:4] for one in found} == {("not_storable", "properties.segment")}
    assert found[0].value == repr(odd)
    assert "U+0000" in found[0].message


def accounted(number: int, segment: str) -> Event:
    return Event("acme", "accounts", "group", 1.0 + number, 1.0 + number, f"g{number}", None, {"segment": segment})


def test_an_event_that_neither_feed_can_take_is_one_issue(new_database: Callable[[], Database]) -> None:
    made = opening.source(new_database(), SETTINGS)
    event = listed(1)[0]
    over = [passed_over(event, NotStorable("no"))]
    made.model.take([], {"list": 1}, over)
    made.facets.take([], {"list": 1}, over)
    (issue,) = made.model.issues().rows
    assert (issue.message_id, issue.message, issue.known_at) == ("m0", "no", 1.0)


def test_while_the_database_is_away_nothing_is_passed_over() -> None:
    taker: Any = Picky()
    taker.away = True
    feed = Feed(taker, Listed(listed(3)), never)
    with pytest.raises(Unavailable):
        feed.round()
    taker.away = False
    feed.round()
    assert taker.taken == ["m0", "m1", "m2"]


def test_a_feed_is_behind_until_what_is_to_do_after_the_history_has_been_done_once() -> None:
    told: list[int] = []

    def idle() -> int:
        told.append(feed.behind)
        if len(told) == 1:
            raise Unavailable("away")
        return 0

    feed = Feed(Picky(), Listed(listed(3)), idle)
    with pytest.raises(Unavailable):
        feed.round()
    assert feed.behind == 1
    feed.round()
    assert feed.behind == 0
    feed.round()
    assert told == [1, 1, 0]
