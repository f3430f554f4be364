"""The chaos suite of the Kafka runtime: real brokers, real workers, and everything that can happen to them.

    python -m tests.chaos.kafka.run [--seed N] [--long] [SCENARIO...]

Prints a JSON line for each scenario (seed, kills, rebalances, events, triggers, differences); the last line says passed
or failed with the counts. Exit code 1 when it failed.
"""

import argparse
import asyncio
import json
import logging
import tempfile
from pathlib import Path

from tests.chaos.kafka.scenarios import SCENARIOS
from tests.chaos.kafka.stage import play


def main() -> None:
    parser = argparse.ArgumentParser(description="Chaos for the Kafka runtime.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--keep", type=Path, help="a directory for the logs, which are else thrown away")
    parser.add_argument("scenario", nargs="*", default=list(SCENARIOS), choices=[*SCENARIOS, []])
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers going away is what this is about
    failed = 0
    for name in given.scenario:
        with tempfile.TemporaryDirectory() as scratch:
            directory = given.keep / name if given.keep else Path(scratch)
            directory.mkdir(parents=True, exist_ok=True)
            told = asyncio.run(play(name, SCENARIOS[name], given.seed, long=given.long, directory=directory))
        failed += bool(told["problems"])
        print(json.dumps(told), flush=True)
    print(f"{'failed' if failed else 'passed'}: {len(given.scenario) - failed} of {len(given.scenario)} scenarios")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
