"""Does the cost of an event stay flat from a thousand to a million accounts?

    python -m benchmarks.scale [EVENTS_EACH]

Replays in-memory usage events of 1,000 accounts, and of 1,000,000, in processes of their own and in turn. The life of
an account is the same in both: EVENTS_EACH (4) events, one an hour, each a batch of its own; the accounts take turns in
a scattered order, and 1,000 batches are settled together. Only how many other accounts there are differs. The thousand
lives so often, with fresh records, that enough events are timed. Every account is known before the clock starts (its
first event, which makes the record, is not timed), and events are made just before they are fed, outside the clock.
Prints microseconds of CPU an event and the ratio (the aim is under 1.5), then what one tick costs while all those
accounts are idle and none is due.
"""

import json
import subprocess
import sys
import time
from statistics import median

from scoring.event import Event
from streams.configuration import load
from streams.history import uncollected
from streams.replay import Listener, Replay

START = 1_750_000_000.0
RUNS = 3
HOUR_S = 3_600.0
STRIDE = 611_953
"""A prime: consecutive events belong to accounts that lie far apart."""
SETTLED = 1_000
"""Batches settled together, and events made at a time."""
EVENTS_MIN = 400_000


def events_of(accounts: int, first: int) -> list[Event]:
    """The next events after `first` of them: in every hour one of each account."""
    made = []
    for n in range(first, first + SETTLED):
        account, at = n * STRIDE % accounts, START + n * HOUR_S / accounts
        user = f"u-{account}-{n // accounts % 3}"
        made.append(Event(f"acct-{account}", "usage", f"feature_{n % 7}", at, at, f"m-{n}", user, {}))
    return made


def live(accounts: int, events_each: int) -> tuple[float, float]:
    """CPU seconds of all events but each account's first, and seconds of an idle tick afterwards."""
    replay = Replay(load().engine(publishing=False), Listener(), step_s=HOUR_S * SETTLED / accounts)
    spent = 0.0
    for first in range(0, accounts * (1 + events_each), SETTLED):
        made = events_of(accounts, first)
        began = time.process_time()
        replay.feed(made)
        if first >= accounts:
            spent += time.process_time() - began
    began = time.process_time()
    replay.finish()
    spent += time.process_time() - began
    ticked = time.perf_counter()
    replay.finish(replay.clock + 60.0)
    return spent, time.perf_counter() - ticked


def measure(accounts: int, events_each: int) -> dict[str, float]:
    """CPU microseconds an event, once every account is known."""
    lives = max(1, EVENTS_MIN // (accounts * events_each))
    with uncollected():
        spent = [live(accounts, events_each) for _ in range(lives)]
    events = lives * accounts * events_each
    return {
        "events": events,
        "us_per_event": 1e6 * sum(busy for busy, _ in spent) / events,
        "idle_tick_us": 1e6 * median(tick for _, tick in spent),
    }


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
        return
    events_each = int(sys.argv[1]) if sys.argv[1:] else 4
    found: dict[int, list[dict[str, float]]] = {1_000: [], 1_000_000: []}
    for _ in range(RUNS):
        for accounts, measured in found.items():
            command = [sys.executable, "-m", "benchmarks.scale", "--part", str(accounts), str(events_each)]
            measured.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(json.dumps({"accounts": accounts, **measured[-1]}), flush=True)
    few, many = (median(run["us_per_event"] for run in measured) for measured in found.values())
    print(json.dumps({"ratio_median": round(many / few, 3)}))


if __name__ == "__main__":
    main()
