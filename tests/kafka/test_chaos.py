"""The short form of the chaos suite; `make chaos` is the long one."""

import asyncio
from pathlib import Path

import pytest

from tests.chaos.kafka.scenarios import SCENARIOS
from tests.chaos.kafka.stage import play
from tests.kafka.conftest import require_java


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", ["kills", "zombies", "outages", "joins"])
def test_every_event_counts_once_and_every_trigger_exists_once(name: str, tmp_path: Path) -> None:
    require_java()
    told = asyncio.run(play(name, SCENARIOS[name], 1, long=False, directory=tmp_path))
    print(told)
    assert told["problems"] == 0
    assert int(str(told["triggers"])) > 20
