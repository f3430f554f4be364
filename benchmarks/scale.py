"""Does the cost of an event stay flat from a thousand to a million accounts?

    python -m benchmarks.scale [EVENTS]

Replays EVENTS (2,000,000) in-memory usage events spread over 1,000 accounts, and then over 1,000,000, in processes
of their own and in turn: every account is known before the clock starts (its first event, which makes the record, is
not timed), events go round the accounts in a scattered order, and a tenth as many events as accounts are enough to
leave the caches cold. Prints microseconds of CPU an event and the ratio (the aim is under 1.5), then what one tick
costs while all those accounts are idle and none is due.
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
STRIDE = 611_953
"""A prime: consecutive events belong to accounts that lie far apart."""


def event(n: int, account: int, at: float) -> Event:
    """The n-th event."""
    return Event(f"acct-{account}", "usage", f"feature_{n % 7}", at, at, f"m-{n}", f"u-{account}-{n % 3}", {})


def measure(accounts: int, events: int) -> dict[str, float]:
    """CPU microseconds an event, once every account is known."""
    replay = Replay(load().engine(publishing=False), Listener())
    with uncollected():
        replay.feed(event(n, n, START + n * 1e-3) for n in range(accounts))
        replay.finish()
        made = [event(accounts + n, n * STRIDE % accounts, START + 7_200 + n * 0.01) for n in range(events)]
        began = time.process_time()
        replay.feed(made)
        replay.finish()
        spent = time.process_time() - began
        began = time.perf_counter()
        replay.finish(replay.clock + 60.0)
        tick = time.perf_counter() - began
    return {"us_per_event": 1e6 * spent / events, "idle_tick_us": 1e6 * tick}


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
        return
    events = int(sys.argv[1]) if sys.argv[1:] else 2_000_000
    found: dict[int, list[dict[str, float]]] = {1_000: [], 1_000_000: []}
    for _ in range(RUNS):
        for accounts, measured in found.items():
            command = [sys.executable, "-m", "benchmarks.scale", "--part", str(accounts), str(events)]
            measured.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(json.dumps({"accounts": accounts, "events": events, **measured[-1]}), flush=True)
    few, many = (median(run["us_per_event"] for run in measured) for measured in found.values())
    print(json.dumps({"ratio_median": round(many / few, 3)}))


if __name__ == "__main__":
    main()
