"""The promise of `accountpulse serve`: what was acknowledged counts exactly once, and a trigger exists exactly once,
though the process is killed again and again in the midst of everything."""

import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import pytest

from plays.trigger import trigger_id
from scoring.days import instant
from scoring.event import Event
from streams.embedded.reader import Reader
from tests.chaos.child import run
from tests.oracle.agreement import disagreements
from tests.streams.embedded.running import VOCABULARY, engine
from tests.streams.embedded.sent import Message, track

KILLS = 36
CLIENTS = 3
ACCOUNTS = 40
BATCHES_MAX = 20
"""Events of a batch are 1 to this."""

PATIENCE_S = 60.0

FORKS = multiprocessing.get_context("forkserver")


class Victim:
    """The process, as often as it is started; clients ask `url` anew after each failure."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: BaseProcess | None = None
        self.url = "http://127.0.0.1:1"
        self.kills = 0

    def start(self, *, wait: bool) -> None:
        self._listening, sending = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=run, args=(self._data, sending), daemon=True)
        self._process.start()
        sending.close()
        if wait:
            assert self._listening.poll(PATIENCE_S), "the service did not start"
            self.url = self._listening.recv()

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.is_alive(), "it died by itself"
        self._process.kill()
        self._process.join(PATIENCE_S)
        assert self._process.exitcode == -9
        self._process.close()
        self._listening.close()
        self.kills += 1


class Asking:
    """An HTTP client of whichever process is alive."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._client = httpx.Client(base_url=victim.url, verify=False, timeout=10.0)

    def __call__(self, method: str, path: str, **given: Any) -> httpx.Response | None:
        """The answer, or None when there was none."""
        if self._client.base_url != self._victim.url:
            self._client.close()
            self._client = httpx.Client(base_url=self._victim.url, verify=False, timeout=10.0)
        try:
            return self._client.request(method, path, **given)
        except httpx.TransportError:
            time.sleep(0.005)
            return None

    def close(self) -> None:
        self._client.close()


class Sender(threading.Thread):
    """Posts numbered events, each batch until it is acknowledged, some of them again."""

    def __init__(self, victim: Victim, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._ask, self._number, self._ended = Asking(victim), number, stop
        self._dice = random.Random(number)
        self.acknowledged: list[Message] = []
        self.failures = 0
        self.problem: str | None = None

    def run(self) -> None:
        count = 0
        while not self._ended.is_set() and self.problem is None:
            size = self._dice.randint(1, BATCHES_MAX)
            batch = [self._message(f"{self._number}-{n}") for n in range(count, count + size)]
            count += size
            self._until_acknowledged(batch)
            self.acknowledged += batch
            if self._dice.random() < 0.1:
                self._until_acknowledged(self._dice.sample(self.acknowledged, min(10, len(self.acknowledged))))
        self._ask.close()

    def _message(self, number: str) -> Message:
        at = time.time() - self._dice.uniform(0, 5 * 86_400)
        return track(number, f"a{self._dice.randrange(ACCOUNTS)}", self._dice.randrange(30), at=at)

    def _until_acknowledged(self, batch: list[Message]) -> None:
        while self.problem is None:
            answer = self._ask("POST", "/v1/batch", json={"batch": batch})
            if answer is None:
                self.failures += 1
            elif answer.status_code == 200:
                told = answer.json()
                if told["accepted"] + told["duplicates"] != len(batch):
                    self.problem = answer.text
                return
            elif answer.status_code != 503:
                self.problem = answer.text


class Subscriber(threading.Thread):
    """Reads the triggers by cursor through all of it."""

    def __init__(self, victim: Victim, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._ask, self._ended = Asking(victim), stop
        self.got: list[dict[str, Any]] = []
        self.cursor = 0

    def run(self) -> None:
        while not self._ended.is_set():
            self.read(wait=0.2)

    def read(self, wait: float) -> bool:
        """Ask for the next triggers; whether there were any."""
        answer = self._ask("GET", f"/v1/triggers?after={self.cursor}&wait={wait}&limit=7")
        if answer is None or answer.status_code != 200:
            return False
        told = answer.json()
        self.got += told["triggers"]
        self.cursor = told["next"]
        return bool(told["triggers"])

    def close(self) -> None:
        self._ask.close()


@contextmanager
def storm(victim: Victim) -> Iterator[tuple[list[Sender], Subscriber]]:
    """Senders and a subscriber at work; at the end the senders have had everything acknowledged."""
    stop_sending, stop_reading = threading.Event(), threading.Event()
    senders = [Sender(victim, number, stop_sending) for number in range(CLIENTS)]
    subscriber = Subscriber(victim, stop_reading)
    for thread in (*senders, subscriber):
        thread.start()
    try:
        yield senders, subscriber
    except BaseException:
        for sender in senders:
            sender.problem = "the process did not come back"
        raise
    finally:
        stop_sending.set()
        for sender in senders:
            sender.join(PATIENCE_S)
        stop_reading.set()
        subscriber.join(PATIENCE_S)


def events_of(reader: Reader, sent: dict[str, Message]) -> dict[str, list[Event]]:
    """What was acknowledged, by account, built from what the senders hold; only the arrival is the service's word."""
    arrived = {row["message_id"]: row["arrived"] for row in reader._rows("SELECT message_id, arrived FROM log")}
    found: dict[str, list[Event]] = {}
    for message_id, message in sent.items():
        at = min(_instant(message["timestamp"]), arrived[message_id])
        account = message["context"]["groupId"]
        event = Event(
            account,
            "usage",
            message["event"],
            at,
            arrived[message_id],
            message_id,
            message["userId"],
            message["properties"],
        )
        found.setdefault(account, []).append(event)
    for events in found.values():
        events.sort(key=lambda event: event.arrived)
    return found


def _instant(text: str) -> float:
    at = instant(text)
    assert at is not None
    return at


@pytest.mark.timeout(300)
def test_killed_again_and_again_every_event_counts_once_and_every_trigger_exists_once(tmp_path: Path) -> None:
    FORKS.set_forkserver_preload(["tests.chaos.child"])
    dice, victim = random.Random(7), Victim(tmp_path)
    victim.start(wait=True)
    with storm(victim) as (senders, subscriber):
        while victim.kills < KILLS:
            time.sleep(dice.uniform(0.05, 0.9))
            victim.kill()
            if dice.random() < 0.25:  # again before it has recovered
                victim.start(wait=False)
                time.sleep(dice.uniform(0.02, 0.6))
                victim.kill()
            victim.start(wait=True)
    assert [sender.problem for sender in senders] == [None] * CLIENTS
    assert min(sender.failures for sender in senders) > 0
    sent = {message["messageId"]: message for sender in senders for message in sender.acknowledged}
    with httpx.Client(base_url=victim.url, timeout=PATIENCE_S) as client:
        _settle(client)
    while subscriber.read(wait=0.5):
        pass
    subscriber.close()
    victim.kill()
    print(f"{victim.kills} kills, {len(sent)} events, {len(subscriber.got)} triggers")

    reader = Reader(tmp_path, VOCABULARY)
    try:
        _check(reader, sent, subscriber.got)
    finally:
        reader.close()


def _settle(client: httpx.Client) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        lines = client.get("/metrics").text.splitlines()
        values = {line.split()[0]: float(line.split()[-1]) for line in lines if line.startswith("accountpulse_")}
        if (
            values["accountpulse_log_position"] == values["accountpulse_applied_position"]
            and values["accountpulse_ready"]
        ):
            return
        assert time.monotonic() < end
        time.sleep(0.05)


def _check(reader: Reader, sent: dict[str, Message], seen: list[dict[str, Any]]) -> None:
    logged = Counter(row[0] for row in reader._rows("SELECT message_id FROM log"))
    assert logged == Counter(sent.keys())

    core, now = engine(), time.time()
    by_account = events_of(reader, sent)
    for account_id, events in by_account.items():
        record = reader.record(account_id)
        assert record is not None
        account = core.unpack(record.packed)
        assert (account_id, account.counted) == (account_id, len(events))
        # Duplicates too: the log tells them apart, and what is applied again after a crash is not seen by the record.
        assert disagreements(account, events, core.profile, at=now) == []

    grown = [account_id for account_id, events in by_account.items() if len({event.user_id for event in events}) >= 3]
    expected = {trigger_id(account_id, "team_grew", 1) for account_id in grown}
    triggers = reader.triggers(0, 10_000)
    ids = [one["id"] for one in seen]
    assert Counter(ids) == Counter(expected), "the subscriber got each trigger once, and none that is not there"
    assert len(triggers) == len(expected)
    episodes = reader.episodes(account_id=None, phases=(), after=None, limit=10_000).rows
    assert Counter((one["account_id"], one["number"], one["phase"]) for one in episodes) == Counter(
        (account_id, 1, "open") for account_id in grown
    )
