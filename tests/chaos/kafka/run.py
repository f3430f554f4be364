"""The chaos suite of the Kafka runtime: real brokers, real workers, and everything that can happen to them.

    python -m tests.chaos.kafka.run [--seed N] [--long] [SCENARIO...]
    python -m tests.chaos.kafka.run [--seed N] --weaken PROTECTION|all

Prints a JSON line for each scenario (seed, kills, rebalances, events, triggers, differences); the last line says passed
or failed with the counts. Exit code 1 when it failed.

With --weaken, workers run without a protection, and it has failed when nothing is lost or doubled by that.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from deploy.kafka.broker import Broker
from tests.chaos.kafka.scenarios import SCENARIOS
from tests.chaos.kafka.stage import Played, Scenario, play
from tests.chaos.kafka.weakening import WEAKENINGS, command

PROBLEMS_SHOWN = 20


def main() -> None:
    parser = argparse.ArgumentParser(description="Chaos for the Kafka runtime.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", type=Path, help="a directory for the logs, which are else thrown away")
    parser.add_argument("--weaken", choices=[*WEAKENINGS, "all"], help="what the workers do without")
    parser.add_argument("scenario", nargs="*", choices=[*SCENARIOS, []])
    given = parser.parse_args()
    if given.weaken and given.scenario:
        parser.error("--weaken plays a scenario of its own")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers going away is what this is about
    with tempfile.TemporaryDirectory() as scratch, Broker(Path(scratch) / "broker") as broker:
        stand = Stand(broker, given.keep or Path(scratch), given.seed, long=given.long)
        passed = stand.weakened(given.weaken) if given.weaken else stand.scenarios(given.scenario or SCENARIOS)
    print(
        f"{'passed' if all(passed) else 'failed'}: {sum(passed)} of {len(passed)}"
        f" {'weakenings showed what they must' if given.weaken else 'scenarios'}"
    )
    raise SystemExit(0 if all(passed) else 1)


class Stand:
    """Where scenarios are played one after the other."""

    def __init__(self, broker: Broker, directory: Path, seed: int, *, long: bool) -> None:
        self._broker, self._directory, self._seed, self._long = broker, directory, seed, long

    def scenarios(self, names: Iterable[str]) -> list[bool]:
        """Play these; whether each passed."""
        return [not self._play(name, SCENARIOS[name]).problems for name in names]

    def weakened(self, name: str) -> list[bool]:
        """Play without a protection, or without each in turn; whether that was seen."""
        chosen = WEAKENINGS if name == "all" else {name: WEAKENINGS[name]}
        return [
            not weakening.missed(self._play(each, weakening.scenario, command(each)).problems)
            for each, weakening in chosen.items()
        ]

    def _play(self, name: str, scenario: Scenario, command: list[str] | None = None) -> Played:
        directory = self._directory / name
        directory.mkdir(parents=True, exist_ok=True)
        played = asyncio.run(
            play(
                name, scenario, self._seed, long=self._long, directory=directory, broker=self._broker, command=command
            )
        )  # fmt: skip
        for problem in played.problems[:PROBLEMS_SHOWN]:
            print(f"{name}: {problem}", file=sys.stderr)
        print(json.dumps({"scenario": name, **played.figures}), flush=True)
        return played


if __name__ == "__main__":
    main()
