"""A worker for the chaos suite: the product's own command, in a process that was meddled with before.

    python -m tests.chaos.kafka.launch worker ... [--clock FILE] [--chunks FILE] [--weaken NAME]

`--clock` puts the process's clock off by what the file says at each moment (see clock.py), `--chunks` notes which
messages were taken together, and `--weaken` takes a protection away (see weakening.py).
"""

import argparse
import runpy
import sys
import time
from importlib import import_module
from pathlib import Path

from tests.chaos.kafka.clock import shifted


def main() -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--clock", type=Path)
    parser.add_argument("--chunks", type=Path)
    parser.add_argument("--weaken")
    given, command = parser.parse_known_args()
    if given.clock:
        time.time = shifted(given.clock)  # before anything is imported that takes the function itself
    if given.chunks:
        import_module("tests.chaos.kafka.poison").note_chunks(given.chunks)
    if given.weaken:
        import_module("tests.chaos.kafka.weakening").WEAKENINGS[given.weaken].patch()
    sys.argv = ["accountpulse", *command]
    runpy.run_module("streams", run_name="__main__")


if __name__ == "__main__":
    main()
