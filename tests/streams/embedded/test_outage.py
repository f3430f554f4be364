"""When silence means nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.event import Event
from streams.embedded.outage import Outage
from streams.embedded.settings import Settings
from streams.embedded.store import Store
from streams.replay import RETURN_GRACE_S
from tests.streams.embedded.running import DAY, START, VOCABULARY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, VOCABULARY, Settings())
    yield opened
    opened.close()


def arrive(store: Store, outage: Outage, at: float, stream: str = "usage") -> None:
    with store.transaction(durable=False):
        outage.observe([Event("acme", stream, "x", at, at, str(at), None, {})], at)
        outage.alive(at)


def test_plays_are_held_after_an_outage_of_ours_for_as_long_as_it_took_at_most_an_hour(store: Store) -> None:
    first = Outage(store.meta, Settings(), START)
    arrive(store, first, START)
    assert not first.holds(START)
    short = Outage(store.meta, Settings(), START + 60)
    assert not short.holds(START + 60)
    longer = Outage(store.meta, Settings(), START + 1_800)
    assert longer.holds(START + 1_800 + 1_799)
    assert not longer.holds(START + 1_800 + 1_800)
    longest = Outage(store.meta, Settings(), START + DAY)
    assert longest.holds(START + DAY + 3_599)
    assert not longest.holds(START + DAY + 3_600)


def test_plays_are_held_while_the_source_is_dark_and_a_day_after_its_return(store: Store) -> None:
    outage = Outage(store.meta, Settings(), START)
    for day in range(5):
        arrive(store, outage, START + day * DAY)
    dark = START + 4 * DAY + 5 * DAY
    assert not outage.holds(START + 6 * DAY)
    assert outage.holds(dark)
    arrive(store, outage, dark, stream="cs")  # what people enter says nothing of the product's source
    assert outage.holds(dark)
    arrive(store, outage, dark)
    assert outage.holds(dark + RETURN_GRACE_S - 1)
    assert not outage.holds(dark + RETURN_GRACE_S)


def test_what_gaps_are_usual_is_still_known_after_a_restart(store: Store) -> None:
    outage = Outage(store.meta, Settings(), START)
    for day in (0, 5, 10):
        arrive(store, outage, START + day * DAY)
    again = Outage(store.meta, Settings(outage_s=1e9), START + 20 * DAY)
    assert not again.holds(START + 24 * DAY)
    assert again.holds(START + 26 * DAY)
