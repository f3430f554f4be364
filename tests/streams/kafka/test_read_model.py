"""The read model of the service on Kafka, given messages by hand."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.dead_letter import DeadLetter
from streams.embedded.asking import Ranking
from streams.embedded.schema import StoreError
from streams.kafka.service import letters
from streams.kafka.service.cursor import form, parse
from streams.kafka.service.letter import encoded
from streams.kafka.service.model import Batch, Message, Model
from streams.kafka.service.reader import Reader
from streams.kafka.topics import DEAD_LETTERS, HEALTH, TRIGGERS
from tests.streams.embedded.running import DAY, START, engine

TOPICS = {HEALTH: "1", TRIGGERS: "2", DEAD_LETTERS: "3"}


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    made = Model(tmp_path, TOPICS, 800 * DAY)
    yield made
    made.close()


@pytest.fixture
def reader(model: Model, tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    made.close()


def health(offset: int, at: float, score: float | None, band: str | None, account: str = "acme") -> Message:
    """A score as a worker publishes it, with a sum of one."""
    published = engine().score(engine().account(account), at).to_json() | {"score": score, "band": band}
    part = {"metric": "m", "dimension": "d", "value": 1.0, "unit": "u", "scaled": score, "weight": 1.0, "points": score}
    published["contributions"] = [] if score is None else [part]
    return Message(offset, account.encode(), json.dumps(published).encode(), at)


def trigger(offset: int, number: int, account: str = "acme", play: str = "p", at: float = START) -> Message:
    body: dict[str, Any] = {"id": f"t{number}", "subject": account, "data": {"play": play}}
    return Message(offset, account.encode(), json.dumps(body).encode(), at)


def letter(offset: int, position: str, raw: bytes = b"{", at: float = START) -> Message:
    body = encoded(DeadLetter("not_json", "", "", "", raw, position, 0, at), 10_000)
    return Message(offset, position.encode(), body, START)


def test_history_has_each_days_last_score_and_every_change_of_band_and_the_newest(model: Model, reader: Reader) -> None:
    at = START - START % DAY
    told = [
        health(0, at, 50.0, "ok"), health(1, at + 10, 51.0, "ok"), health(2, at + 20, 20.0, "bad"),
        health(3, at + 30, 21.0, "bad"), health(4, at + DAY, 22.0, "bad"), health(5, at + DAY + 10, 23.0, "bad"),
    ]  # fmt: skip
    model.apply([Batch(HEALTH, 0, told[:2]), Batch(HEALTH, 0, told[2:])])
    found = [(one.at, one.score) for one in reader.history("acme", 0.0, at + 2 * DAY, 10)]
    assert found == [(at + DAY + 10, 23.0), (at + 30, 21.0), (at + 20, 20.0), (at, 50.0)]
    assert [one.score for one in reader.history("acme", at + 25, at + DAY, 10)] == [21.0]
    assert reader.history("acme", 0.0, at + 30, 1)[0].contributions == [
        {"metric": "m", "dimension": "d", "value": 1.0, "unit": "u", "points": 21.0}
    ]


def test_accounts_come_page_by_page_by_their_score(model: Model, reader: Reader) -> None:
    model.apply([Batch(HEALTH, 0, [health(n, START, float(n % 3), "ok", f"a{n}") for n in range(7)])])
    model.apply([Batch(HEALTH, 0, [health(7, START, None, None, "none"), Message(8, b"a0", None, START)])])
    for lowest_first, wanted in (
        (True, ["a3", "a6", "a1", "a4", "a2", "a5"]),
        (False, ["a5", "a2", "a4", "a1", "a6", "a3"]),
    ):
        got, after = list[str](), None
        while True:
            page = reader.accounts(Ranking(None, None, None, lowest_first, after, limit=2))
            got += [row["account_id"] for row in page.rows]
            if (after := page.next) is None:
                break
        assert got == wanted
    assert reader.account("a0") is None
    none = reader.account("none")
    assert none is not None
    assert none["score"] is None


def test_a_cursor_means_the_same_triggers_in_whatever_order_partitions_were_read(tmp_path: Path) -> None:
    first = [Batch(TRIGGERS, 0, [trigger(n, n) for n in range(3)]), Batch(TRIGGERS, 1, [trigger(5, 9, "b")])]
    later = [Batch(TRIGGERS, 1, [trigger(6, 10, "b")]), Batch(TRIGGERS, 0, [trigger(3, 3)])]
    readers = []
    for name, batches in (("x", [first, later]), ("y", [[first[1], later[0]], [first[0], later[1]]])):
        (tmp_path / name).mkdir()
        model = Model(tmp_path / name, TOPICS, 800 * DAY)
        for some in batches:
            model.apply(some)
        model.close()
        readers.append(Reader(tmp_path / name))
    one, other = readers
    seen = one.triggers("0", 2, None, None)
    cursor = seen[-1][0]
    rest = [json.loads(body)["id"] for _, body in other.triggers(cursor, 100, None, None)]
    assert sorted([*(json.loads(body)["id"] for _, body in seen), *rest]) == ["t0", "t1", "t10", "t2", "t3", "t9"]
    assert one.triggers(one.last_trigger(), 10, None, None) == []
    assert one.last_trigger() == other.last_trigger() == "0:4,1:7"
    assert [cursor for cursor, _ in one.triggers("0:4", 10, None, "b")] == ["0:4,1:6", "0:4,1:7"]
    one.close()
    other.close()


def test_a_trigger_that_was_sent_again_and_a_letter_that_was_are_there_once(model: Model, reader: Reader) -> None:
    applied = model.apply([Batch(TRIGGERS, 0, [trigger(0, 1), trigger(1, 1), trigger(2, 2)])])
    assert applied.triggers == 2
    assert [cursor for cursor, _ in reader.triggers("0", 10, None, None)] == ["0:1", "0:3"]
    told = [letter(0, "usage-events-0:7"), letter(1, "usage-events-0:7"), letter(2, "POST /v1/track")]
    model.apply([Batch(DEAD_LETTERS, 0, [*told, letter(3, "POST /v1/track")])])
    assert [one["position"] for one in reader.dead_letters(0, 10, None)] == [
        "POST /v1/track", "POST /v1/track", "usage-events-0:7",
    ]  # fmt: skip


def test_a_letter_of_a_topic_that_was_made_anew_is_another_one_than_that_of_before(
    model: Model, reader: Reader
) -> None:
    told = [letter(0, "usage-events-0:7", b"old"), letter(1, "usage-events-0:7", b"new", START + DAY)]
    model.apply([Batch(DEAD_LETTERS, 0, told)])
    assert [one["raw_text"] for one in reader.dead_letters(0, 10, None)] == ["new", "old"]


def test_old_triggers_and_the_oldest_letters_go(model: Model, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    old = trigger(0, 1, at=START - 801 * DAY)
    model.apply([Batch(TRIGGERS, 0, [old, trigger(1, 2, at=START - 799 * DAY)])])
    assert len(reader.triggers("0", 10, None, None)) == 2
    model.apply([Batch(TRIGGERS, 0, [trigger(2, 3)])])
    assert [cursor for cursor, _ in reader.triggers("0", 10, None, None)] == ["0:2", "0:3"]
    monkeypatch.setattr(letters, "LETTERS_MAX", 3)
    model.apply([Batch(DEAD_LETTERS, 0, [letter(n, f"t-0:{n}") for n in range(5)])])
    assert [one["position"] for one in reader.dead_letters(0, 10, None)] == ["t-0:4", "t-0:3", "t-0:2"]
    assert reader.dead_letter_counts() == {"not_json": 3}


def test_what_is_no_output_of_ours_is_passed_over_and_costs_its_neighbours_nothing(
    model: Model, reader: Reader
) -> None:
    for topic, good in (
        (HEALTH, health(3, START, 1.0, "ok")),
        (TRIGGERS, trigger(3, 3)),
        (DEAD_LETTERS, letter(3, "a:1")),
    ):
        junk = [Message(n, b"acme", value, START) for n, value in enumerate((b"{", b"[]", b"\xff"))]
        assert model.apply([Batch(topic, 0, [*junk, good])]).skipped == {topic: 3}
        assert model.places()[topic, 0] == 4
    assert reader.account("acme") is not None
    assert len(reader.triggers("0", 10, None, None)) == len(reader.dead_letters(0, 10, None)) == 1


def test_what_is_not_taken_to_its_end_changes_nothing_and_can_be_taken_again(
    tmp_path: Path, model: Model, reader: Reader
) -> None:
    model._connection.execute("PRAGMA max_page_count = 40")
    large = [Batch(DEAD_LETTERS, 0, [letter(n, f"t-0:{n}", b"x" * 5_000) for n in range(50)])]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        model.apply(large)
    with pytest.raises(IndexError):
        model.apply([Batch(DEAD_LETTERS, 0, large[0].messages[:2]), Batch(TRIGGERS, 0, [])])
    assert (model.places(), reader.dead_letters(0, 10, None)) == ({}, [])
    model._connection.execute("PRAGMA max_page_count = 4000")
    model.apply(large)
    assert len(reader.dead_letters(0, 100, None)) == 50


def test_a_read_model_of_other_topics_is_refused(tmp_path: Path, model: Model) -> None:
    with pytest.raises(StoreError, match="made from other topics"):
        Model(tmp_path, {**TOPICS, HEALTH: "new"}, DAY)


def test_a_letter_fits_into_a_message_whatever_was_posted() -> None:
    large = DeadLetter("too_large", "", "", "too large", b"\x01" * 100_000, "POST /v1/batch", 0, START)
    whole = json.loads(encoded(large, 1_000_000))
    assert len(whole["raw_text"]) == 100_000
    textless = json.loads(encoded(large, 150_000))
    assert (textless["raw_text"], textless["raw"]) == (None, whole["raw"])
    cut = encoded(large, 100_000)
    assert 90_000 < len(cut) <= 100_000
    assert whole["raw"].startswith(json.loads(cut)["raw"].rstrip("="))


@pytest.mark.parametrize("text", ["", "x", "1", "0:", ":1", "0:1,", "0:1;1:2", "0:-1", "00000:1", "0:" + "1" * 19])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        parse(text)
    assert parse(form({1: 2})) == {1: 2}
