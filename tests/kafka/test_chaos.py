"""The short form of the chaos suite; `make chaos` is the long one."""

import asyncio
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from tests.chaos.kafka.scenarios import SCENARIOS
from tests.chaos.kafka.stage import play
from tests.chaos.kafka.weakening import WEAKENINGS, command


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_event_counts_once_and_every_trigger_exists_once(name: str, broker: Broker, tmp_path: Path) -> None:
    played = asyncio.run(play(name, SCENARIOS[name], 1, long=False, directory=tmp_path, broker=broker))
    print(played.figures)
    assert played.problems == []
    assert played.figures["triggers"] > 20


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", [name for name in WEAKENINGS if name != "nothing"])
def test_without_a_protection_something_is_lost_or_doubled_and_found(name: str, broker: Broker, tmp_path: Path) -> None:
    weakening = WEAKENINGS[name]
    played = asyncio.run(
        play(name, weakening.scenario, 1, long=False, directory=tmp_path, broker=broker, command=command(name))
    )
    print(played.figures, played.problems[:3])
    assert not weakening.missed(played.problems)
