"""The parts of the store: log, records, dead letters, transactions."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.dead_letter import DeadLetter
from streams.embedded.backlog import Backlog
from streams.embedded.inbox import Busy, Entry, Inbox, Stopped, Submission
from streams.embedded.log import COLUMNS, restore
from streams.embedded.records import Described, Published, Standing
from streams.embedded.schema import FILE_NAME, StoreError
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.wire import decode
from tests.streams.embedded.running import DAY, START, VOCABULARY, engine
from tests.streams.embedded.sent import group, track


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, VOCABULARY, Settings())
    yield opened
    opened.close()


def entries(*messages: dict[str, object], now: float = START) -> list[Entry]:
    lines = [json.dumps(message).encode() for message in messages]
    decoded = decode(lines, vocabulary=VOCABULARY, now=now, live=True)
    return [Entry(event, line, None) for event, line in zip(decoded.events, lines, strict=True)]


def letter(number: int, raw: bytes = b"x" * 100) -> DeadLetter:
    return DeadLetter("not_json", "", "", f"letter {number}", raw, "-:1", 0, START + number)


def test_a_duplicate_leaves_a_gap_and_the_first_one_stays(store: Store) -> None:
    with store.transaction():
        store.log.append(entries(track(1)))
        new = store.log.append(entries(track(1, event="Another"), track(2), track(2), track(3)))
    assert [one.event.message_id for one in new] == ["m2", "m3"]
    read, end = store.log.read(0, 100)
    assert [(one.event.message_id, one.event.name) for one in read] == [
        ("m1", "Report opened"), ("m2", "Report opened"), ("m3", "Report opened"),
    ]  # fmt: skip
    assert end == store.log.head == 5


def test_a_transaction_that_fails_changes_nothing_at_all(store: Store) -> None:
    with store.transaction():
        store.log.append(entries(track(1)))
        store.dead_letters.add([letter(1)])

    def fail() -> None:
        with store.transaction():
            store.log.append(entries(track(2)))
            store.dead_letters.add([letter(2)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.log.head == 1
    assert store.dead_letters.size.letters == 1
    with store.transaction():
        assert len(store.log.append(entries(track(2)))) == 1


def test_events_are_read_back_from_the_log_as_they_were_accepted(store: Store) -> None:
    """All kinds of calls, without dates, without ids, with an arrival of the sender's own, from a clock gone wrong."""
    messages = [
        track(1, at=START - 3 * DAY),
        {**track(2), "receivedAt": "2001-01-01T00:00:00Z", "timestamp": "2020-01-01T00:00:00Z"},
        {**track(3, at=START - 9 * DAY), "sentAt": "2026-05-19T20:00:00Z"},
        {
            "type": "track",
            "event": "QBR done",
            "context": {"groupId": "acme"},
            "properties": {"deep": {"a": [1, None, 2.5]}},
        },
        {"type": "page", "name": "Home", "groupId": "acme"},
        {"type": "screen", "groupId": "acme", "userId": "u"},
        {"type": "identify", "userId": "u", "traits": {"role": "admin"}, "context": {"groupId": "acme"}},
        group(1, name="Acmé £"),
    ]
    given_entries = entries(*messages)
    with store.transaction():
        store.log.append(given_entries)
    read, _ = store.log.read(0, 100)
    assert [one.event for one in read] == [entry.event for entry in given_entries]
    assert list(store.log.of_account("acme", upto=99)) == [entry.event for entry in given_entries]


def test_an_event_that_a_later_version_would_refuse_still_counts(store: Store) -> None:
    row = ("m1", "acme", "usage", "login", START, START, b'{"type":"nothing we know"}')
    (event,) = restore([row], VOCABULARY)
    assert (event.account_id, event.name, event.properties) == ("acme", "login", {})
    assert COLUMNS.count(",") + 1 == len(row)


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 20), st.integers(1, 9))
def test_the_backlog_gives_out_every_event_once_and_in_order(numbers: list[int], held: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory), VOCABULARY, Settings())
        try:
            backlog = Backlog(store.log, 0, held)
            out: list[str] = []
            for start in range(0, len(numbers), 7):
                with store.transaction(durable=False):
                    backlog.add(store.log.append(entries(*map(track, numbers[start : start + 7]))))
                if start % 2:
                    out += [one.event.message_id for one in backlog.chunk(limit)[0]]
            while len(backlog):
                out += [one.event.message_id for one in backlog.chunk(limit)[0]]
            assert out == [f"m{number}" for number in dict.fromkeys(numbers)]
        finally:
            store.close()


def test_dead_letters_are_bounded_and_what_went_is_counted(tmp_path: Path) -> None:
    settings = replace(Settings(), dead_letters_max=10, dead_letter_bytes_max=600)
    store = Store(tmp_path, VOCABULARY, settings)
    for number in range(9):
        with store.transaction():
            store.dead_letters.add([letter(number, b"x" * 100)])
    assert store.dead_letters.size == (6, 600, 3)
    with store.transaction():
        store.dead_letters.add([letter(number, b"x") for number in range(20)])
    assert store.dead_letters.size == (10, 10, 19)
    store.close()
    again = Store(tmp_path, VOCABULARY, settings)
    assert again.dead_letters.size == (10, 10, 19)
    again.close()


def test_history_keeps_each_days_last_score_and_every_change_of_band(store: Store) -> None:
    core = engine()
    account = core.account("acme")
    core.advance(account, [entry.event for entry in entries(track(1))], START)
    score = core.score(account, START)

    def publish(at: float, value: float, band: str) -> None:
        with store.transaction():
            described = Described(None, None, None, "", "")
            store.records.publish([Published(score._replace(at=at, score=value, band=band), described)])

    day = START // DAY * DAY
    for hour, value, band in (
        (1, 50.0, "ok"),
        (2, 51.0, "ok"),
        (5, 20.0, "risk"),
        (6, 21.0, "risk"),
        (30, 22.0, "risk"),
        (31, 23.0, "risk"),
    ):
        publish(day + hour * 3_600, value, band)
    rows = store._connection.execute("SELECT at, score FROM history ORDER BY at").fetchall()
    hours = [((at - day) / 3_600, value) for at, value in rows]
    assert hours == [(1, 50.0), (5, 20.0), (6, 21.0)]  # hour 31 is what is shown now
    publish(day + 700 * DAY, 30.0, "risk")
    publish(day + 900 * DAY, 31.0, "risk")
    assert store._connection.execute("SELECT score FROM history").fetchall() == [(30.0,)]


def test_what_is_due_is_found_by_an_index_whatever_exists(store: Store) -> None:
    """A tick costs what is due, not what exists."""
    with store.transaction(durable=False):
        store.records.save([Standing(f"a{n}", n, START + n, b"r") for n in range(5_000)])
        store.records.save([Standing(f"never{n}", n, float("inf"), b"r") for n in range(5_000)])
    assert store.records.due(START + 2.0, 10) == ["a0", "a1", "a2"]
    plan = store._connection.execute(
        "EXPLAIN QUERY PLAN SELECT account_id FROM records WHERE deadline <= ? ORDER BY deadline LIMIT ?", (START, 10)
    ).fetchall()
    assert [row[3] for row in plan] == ["SEARCH records USING INDEX records_deadline (deadline<?)"]


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path, VOCABULARY, Settings()).close()
    raw = sqlite3.connect(tmp_path / FILE_NAME)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(StoreError, match="version 99"):
        Store(tmp_path, VOCABULARY, Settings())


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database, " * 1000)
    with pytest.raises(StoreError, match=FILE_NAME):
        Store(tmp_path, VOCABULARY, Settings())


def test_a_full_inbox_refuses_and_a_closed_one_too() -> None:
    inbox = Inbox(2)

    def submission(size: int) -> Submission:
        return Submission(entries(*[track(n) for n in range(size)]), [], lambda outcome: None)

    inbox.put(submission(5))  # one request is always taken, however large
    with pytest.raises(Busy, match="5 events are waiting"):
        inbox.put(submission(1))
    assert len(inbox.take(0.0)) == 1
    inbox.put(submission(1))
    inbox.close()
    with pytest.raises(Stopped):
        inbox.put(submission(1))
    assert len(inbox.take(5.0)) == 1
