"""The scorecard on a real broker: fed from the topics of events, each message once, whatever dies."""

import multiprocessing
import random
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from scorecard.model.database import Database
from scorecard.period import Period
from scoring.event import Event
from streams.kafka import administration
from streams.kafka.home import home
from streams.kafka.service.origin import TopicOrigin
from streams.scorecard import opening
from streams.scorecard.order import Order
from streams.scorecard.stretch import OriginError
from tests.kafka.posting import Posted
from tests.kafka.talking import loaded, send, settings
from tests.scorecard.model import oracle
from tests.streams.embedded.running import VOCABULARY
from tests.streams.embedded.sent import Message, track
from tests.streams.scorecard import victim
from tests.streams.scorecard.test_kill import BY, PERIODS, SETTINGS, TERMS, message, soon

pytestmark = pytest.mark.timeout(180)

KILLS = 6

FORKS = multiprocessing.get_context("forkserver")


def stream_of(one: Message) -> str:
    if one["type"] == "group":
        return "accounts"
    return {"Touchpoint": "advocacy", "Report opened": "usage"}.get(one["event"], "revenue")


def sent(given: Mapping[str, str], messages: list[Message]) -> None:
    """Send, each to the topic of its stream."""
    keyed = [(stream_of(one), one.get("groupId") or one["context"]["groupId"], one) for one in messages]
    send(given, keyed)


def read(given: Mapping[str, str]) -> tuple[list[Event], dict[str, int]]:
    """All events that lie in the topics, and the positions behind them."""
    ids = administration.identities(loaded(given))
    events: list[Event] = []
    positions: dict[str, int] = {}
    with closing(TopicOrigin(loaded(given), ids, VOCABULARY, usage=True)) as origin:
        idle = 0
        while idle < 5:
            stretch = origin.read(positions)
            events += stretch.events
            positions |= stretch.positions
            idle = 0 if stretch.positions else idle + 1
    return events, positions


def test_killed_again_and_again_every_message_of_the_topics_counts_once(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    FORKS.set_forkserver_preload(["tests.streams.scorecard.victim"])
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    dice, number = random.Random(5), 0
    place = tmp_path / "scorecard.db"
    order = Order(tmp_path, place, SETTINGS, VOCABULARY, (loaded(given), administration.identities(loaded(given))))
    for _ in range(KILLS):
        process = FORKS.Process(target=victim.run, args=(order,), daemon=True)
        process.start()
        end = time.monotonic() + dice.uniform(0.5, 2.0)
        while time.monotonic() < end:
            sent(given, [message(dice, number + n) for n in range(20)])
            number += 20
        assert process.is_alive()
        process.kill()
        process.join()
    events, positions = read(given)
    process = FORKS.Process(target=victim.run, args=(order,), daemon=True)
    process.start()
    with closing(Database(place)) as database:
        source = opening.source(database, SETTINGS)
        money = {name: position for name, position in positions.items() if "usage-events" not in name}
        soon(lambda: source.model.positions() == money and source.facets.positions() == positions)
        soon(lambda: not source.model.unsettled())
        assert process.is_alive()
        process.kill()
        process.join()
        families = oracle.families_of(
            oracle.books_of((event for event in events if event.stream != "usage"), TERMS), TERMS
        )
        for period in PERIODS:
            for by in BY:
                assert source.model.sheet(period, by) == oracle.sheets(families, period, by, TERMS)
    print(f"{KILLS} kills, {len(events)} events")
    assert len(events) == number


def test_a_movement_that_is_posted_is_in_the_figures_of_the_service(
    broker: Broker, prefix: str, tmp_path: Path
) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    with Posted(tmp_path / "data", given) as served:
        message = {
            **track(1, "acme", None, at=time.time() - 60, event="Subscription Created"),
            "properties": {"subscription_id": "s", "product": "core", "arr": 100, "currency": "USD"},
        }
        assert served.batch(message).status_code == 200
        with closing(Database(tmp_path / "data" / "scorecard.db")) as database:
            soon((tmp_path / "data" / "scorecard.db").exists)
            model = opening.source(database, SETTINGS, computes=False).model
            soon(lambda: model.newest() > 0)
            year = Period.parse(time.strftime("%Y", time.gmtime()))
            assert model.sheet(year)[()].new == 100_00
            served.until(lambda: served.metric("accountpulse_scorecard_behind_events") == 0)


def test_topics_that_were_made_anew_are_refused(broker: Broker, prefix: str) -> None:
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    ids = administration.identities(loaded(given))
    with closing(TopicOrigin(loaded(given), ids, VOCABULARY, usage=False)) as origin:
        ours = f"{prefix}revenue-events/{ids[prefix + 'revenue-events']}/0"
        origin.check({ours: 7})
        with pytest.raises(OriginError, match=r"made from .*revenue-events/other/0, and not from the topics of now"):
            origin.check({ours: 7, f"{prefix}revenue-events/other/0": 7})


def test_a_message_in_another_partition_than_its_accounts_is_none_here_either(broker: Broker, prefix: str) -> None:
    """The workers refuse it as a dead letter."""
    given = settings(broker.bootstrap, prefix)
    administration.create(loaded(given))
    away = next(f"k{n}" for n in range(100) if home(f"k{n}", 2) != home("bolt", 2))
    send(given, [("revenue", "acme", track(1, "acme")), ("revenue", away, track(2, "bolt")), ("revenue", "acme", b"{")])
    events, positions = read(given)
    assert [event.account_id for event in events] == ["acme"]
    assert sum(positions.values()) == 3
