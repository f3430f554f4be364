"""All scenarios, by name."""

from collections.abc import Mapping

from tests.chaos.kafka.clocks import clocks
from tests.chaos.kafka.crashes import joins, kills, outages, repeats, zombies
from tests.chaos.kafka.disks import disks
from tests.chaos.kafka.poison import CHUNK, poison
from tests.chaos.kafka.rollouts import ACCOUNTS, rollouts
from tests.chaos.kafka.stage import Scenario
from tests.chaos.kafka.switches import switches
from tests.chaos.kafka.traffic import Habits

SCENARIOS: Mapping[str, Scenario] = {
    "kills": Scenario(kills, 6, 40),
    "joins": Scenario(joins, 5, 30, on_disk=True),
    "zombies": Scenario(zombies, 3, 12, mortal=True),
    "outages": Scenario(outages, 3, 9, mortal=True, stops_broker=True),
    "repeats": Scenario(
        repeats, 2, 12, mortal=True, stops_broker=True,
        habits=Habits(accounts=100, repeats=0.5, shuffled=400, patience_s=1.0),
    ),
    "poison": Scenario(
        poison, 2, 8, habits=None, workers=0,
        settings={"partitions": "1", "chunk_records_max": str(CHUNK), "instance": "one"},
    ),
    "disks": Scenario(disks, 1, 6, workers=0),
    "clocks": Scenario(clocks, 3, 15, workers=0),
    "rollouts": Scenario(rollouts, 1, 6, workers=2, habits=Habits(accounts=ACCOUNTS)),
    "switches": Scenario(switches, 2, 12, mortal=True, workers=2),
}  # fmt: skip
