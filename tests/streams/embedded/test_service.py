"""The embedded service as a whole, in one process, with a clock that the test moves."""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from plays.engine import Effects, Engine
from scoring.account import Account
from scoring.event import Event
from scoring.profile import default_profile, load_profile
from streams.configuration import shipped
from streams.embedded.inbox import Receipt
from streams.embedded.pump import State
from streams.embedded.schema import StoreError
from streams.embedded.settings import Settings
from tests.oracle.agreement import disagreements
from tests.streams.embedded.running import DAY, PLAYS, START, Clock, Running, engine, running
from tests.streams.embedded.sent import group, track


def triggers(run: Running) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in run.service.reader.triggers(0, 1000)]


def agree(run: Running, account_id: str, core: Engine) -> None:
    """The stored record says what the oracle says of the log."""
    stored = run.service.reader.record(account_id)
    assert stored is not None
    events = list(run.service.reader.events(account_id))
    assert disagreements(core.unpack(stored.packed), events, core.profile, at=run.clock()) == []


def test_an_event_gives_its_account_a_score(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        assert run.send([track(1), track(2, user=2)]) == Receipt(2, 0)
        published = run.service.reader.account("acme")
        assert published is not None
        assert published["score"] is not None
        assert run.service.state is State.READY
        agree(run, "acme", engine())


def test_a_message_sent_again_is_told_apart_and_changes_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.send([track(1), track(2)])
        record = run.service.reader.record("acme")
        assert run.send([track(2), track(3, "other"), track(3, "other")]) == Receipt(1, 2)
        again = run.service.reader.record("acme")
        assert record == again


def test_a_play_opens_once_and_its_trigger_is_numbered(tmp_path: Path) -> None:
    rung = threading.Event()
    with running(tmp_path, on_triggers=rung.set) as run:
        run.send([track(n, user=n) for n in range(5)])
        run.send([track(n, user=n) for n in range(5, 9)])
        (opened,) = triggers(run)
        assert (opened["data"]["play"], opened["subject"], opened["data"]["episode"]) == ("team_grew", "acme", 1)
        assert rung.is_set()
        (episode,) = run.service.reader.episodes(account_id="acme", phases=("open",), after=None, limit=10).rows
        assert [move["phase"] for move in episode["moves"]] == ["open"]
        assert episode["closed_at"] is None


def test_silence_alone_opens_a_play_when_its_time_comes(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        _custom_in_business(run)
        run.pass_time(9.9 * DAY)
        run.send([track("other", "busy")])  # the source is not dark
        assert triggers(run) == []
        run.pass_time(0.2 * DAY)
        assert [(one["data"]["play"], one["subject"]) for one in triggers(run)] == [("gone_quiet", "acme")]


def _custom_in_business(run: Running) -> None:
    run.send([track("a")])


def test_people_answer_a_trigger_and_the_episode_follows(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.send([track(n, user=n) for n in range(3)])
        (opened,) = triggers(run)
        answer = track("done", event="play_done") | {"properties": {"trigger_id": opened["id"], "feedback": "useful"}}
        run.send([answer])
        (episode,) = run.service.reader.episodes(account_id="acme", phases=(), after=None, limit=10).rows
        assert [move["phase"] for move in episode["moves"]] == ["open", "acted"]


def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, clock=clock) as run:
        run.send([track(n, user=n) for n in range(4)])
        before = run.service.reader.account("acme")
    with running(tmp_path, clock=clock) as run:
        run.until(lambda: run.service.state is State.READY)
        assert run.service.reader.account("acme") == before
        assert run.send([track(2), track(9, user=9)]) == Receipt(1, 1)
        assert len(triggers(run)) == 1
        agree(run, "acme", engine())


def test_what_a_crash_left_in_the_log_is_applied_at_the_next_start(tmp_path: Path) -> None:
    """As after kill -9 between the commit of the log and that of the records: the position is set back by hand."""
    with running(tmp_path) as run:
        run.send([track(n, f"a{n % 7}", user=n % 5) for n in range(300)])
        records = run.rows("SELECT account_id, record FROM records ORDER BY account_id")
        events = run.rows("SELECT account_id, name, at, arrived, message_id FROM log ORDER BY seq")
    store = sqlite3.connect(tmp_path / "accountpulse.db")
    with store:
        store.executescript(
            "DELETE FROM records; DELETE FROM health; DELETE FROM triggers;"
            "UPDATE meta SET value = '0' WHERE key = 'applied'"
        )
    store.close()
    with running(tmp_path) as run:
        run.settle()
        assert run.rows("SELECT account_id, record FROM records ORDER BY account_id") == records
        assert run.rows("SELECT account_id, name, at, arrived, message_id FROM log ORDER BY seq") == events
        assert len(triggers(run)) == 7


def test_a_chunk_half_applied_before_a_crash_counts_nothing_twice(tmp_path: Path) -> None:
    """Slices are transactions: after a crash some accounts of a chunk are ahead of the applied position."""
    with running(tmp_path) as run:
        run.send([track(n, f"a{n % 7}", user=n % 5) for n in range(300)])
        records = run.rows("SELECT account_id, record FROM records ORDER BY account_id")
        run.service._store._connection.execute("UPDATE meta SET value = '0' WHERE key = 'applied'")
    with running(tmp_path) as run:
        run.settle()
        assert run.rows("SELECT account_id, record FROM records ORDER BY account_id") == records
        assert len(triggers(run)) == 7


def test_more_events_than_memory_holds_are_read_from_the_log_again(tmp_path: Path) -> None:
    with running(tmp_path, settings=Settings(backlog_events_max=50)) as run:
        for start in range(0, 600, 200):
            run.submit([track(n, f"a{n % 40}") for n in range(start, start + 200)])
        run.settle()
        for account in ("a0", "a13", "a39"):
            agree(run, account, engine())


def test_a_profile_that_counts_other_things_has_the_log_read_anew_and_nothing_fires_again(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, clock=clock) as run:
        run.send([track(n, user=n) for n in range(4)])
        assert len(triggers(run)) == 1
    text = shipped("profile").replace(
        "metrics:\n",
        "metrics:\n  invoices: {kind: count, events: [invoice], window: 28d, unit: x, owner: CS, review: weekly}\n",
        1,
    )
    core = engine(load_profile(text, file="p.yaml"))
    assert core.profile.layout.signature != default_profile().layout.signature
    clock.now += 60
    with running(tmp_path, clock=clock, core=core) as run:
        run.until(lambda: run.service.state is State.READY)
        agree(run, "acme", core)
        run.send([track(10, user=10)])
        assert len(triggers(run)) == 1
        (episode,) = run.service.reader.episodes(account_id="acme", phases=("open",), after=None, limit=10).rows
        assert episode["number"] == 1


def test_other_plays_are_tried_on_every_account_at_once(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, clock=clock) as run:
        run.send([track(1), track(2, "b")])
    plays = PLAYS.replace('"test-1"', '"test-2"').replace("active_users >= 3.0", "active_users >= 1.0")
    with running(tmp_path, clock=clock, core=engine(plays=plays)) as run:
        run.until(lambda: len(triggers(run)) == 2)


def defective(core: Engine, defect: Callable[[Account, Sequence[Event]], None]) -> Engine:
    """The core, with a defect of ours in it. No subclass: one can't be made of a compiled class."""

    class Defective:
        def __getattr__(self, name: str) -> Any:
            return getattr(core, name)

        def advance(
            self, account: Account, batch: Sequence[Event], now: float, *, dark: bool = False, anew: bool = False
        ) -> Effects:
            defect(account, batch)
            return core.advance(account, batch, now, dark=dark, anew=anew)

    return cast(Engine, Defective())


def test_an_event_on_which_the_engine_fails_is_put_aside_and_its_neighbours_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def odd(account: Account, batch: Sequence[Event]) -> None:
        if any(event.name == "odd" for event in batch):
            account.counted += 1000  # half done
            raise ZeroDivisionError("a defect")

    usual = engine()
    with running(tmp_path, core=defective(usual, odd)) as run, caplog.at_level(logging.CRITICAL):
        run.send([track(1), track(2, event="odd"), track(3), track(4, "other")])
        (letter,) = run.service.reader.dead_letters(0, 10, None)
        assert letter["reason"] == "engine_error"
        assert "a defect" in letter["message"]
        stored = run.service.reader.record("acme")
        assert stored is not None
        assert usual.unpack(stored.packed).counted == 2
        assert run.service.reader.account("other") is not None


def test_an_engine_that_fails_on_everything_stops_the_service(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(account: Account, batch: Sequence[Event]) -> None:
        raise ZeroDivisionError("a defect")

    failed, core, settings = threading.Event(), defective(engine(), broken), Settings(engine_errors_max=3)
    with (
        running(tmp_path, core=core, settings=settings, on_failure=failed.set) as run,
        caplog.at_level(logging.CRITICAL + 1),
    ):
        run.submit([track(n, f"a{n}") for n in range(10)])
        assert failed.wait(20)
        assert run.service.state is State.FAILED


def test_nothing_fires_for_silence_that_was_our_own_outage(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, clock=clock) as run:
        run.send([track(1)])
        run.pass_time(0)
    clock.now += 11 * DAY
    with running(tmp_path, clock=clock) as run:
        run.until(lambda: run.service.state is State.READY)
        run.send([track(2, "other")])
        run.clock.now += 600
        run.send([track(3, "acme")])  # what its sender had queued
        run.pass_time(3_600)
        assert triggers(run) == []


def test_a_directory_serves_one_process_at_a_time(tmp_path: Path) -> None:
    with running(tmp_path), pytest.raises(StoreError, match="another accountpulse"), running(tmp_path):
        pass
    with running(tmp_path):
        pass


def test_what_an_account_is_found_by_is_shown_even_when_its_score_stays(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.send([track(1)])
        run.send([group(1, name="Acme Ltd", parent="acme-group", segment="smb")])
        published = run.service.reader.account("acme")
        assert published is not None
        assert (published["name"], published["parent"], published["segment"]) == ("Acme Ltd", "acme-group", "smb")


def test_a_clock_that_is_set_back_breaks_nothing(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, clock=clock) as run:
        run.send([track(1)])
        clock.now -= 3 * 3_600
        assert run.send([track(2), track(3, "b")]) == Receipt(2, 0)
        agree(run, "b", engine())


def test_old_events_and_triggers_leave_by_themselves(tmp_path: Path) -> None:
    settings = replace(Settings(), log_s=20 * DAY, triggers_s=20 * DAY)
    with running(tmp_path, settings=settings, clock=Clock(START)) as run:
        run.send([track(n, user=n) for n in range(4)])
        run.clock.now += 15 * DAY
        run.send([track(9, "b")])
        run.clock.now += 6 * DAY
        run.until(lambda: run.number("SELECT count(*) FROM log") == 1)
        run.until(lambda: run.number("SELECT count(*) FROM triggers WHERE play = 'team_grew'") == 0)
        assert run.send([track(10, "b")]) == Receipt(1, 0)
