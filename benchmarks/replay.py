"""How fast is a replay, against only reading and validating the same file? And how large is a record?

    python -m benchmarks.replay [EVENTS] [ACCOUNTS] [RUNS]

Generates EVENTS (2,000,000) messages over ACCOUNTS (100,000) with `accountpulse simulate --bulk` (sessions of 2 to 8
events, nearly all usage, 60 days), then in turn, each in a process of its own: (a) reads the file and validates
every line with the same pydantic types in the same batches, (b) replays it with everything as shipped, in one
process. Reading, decompression (none here), validation, folding, scoring where a play could start, episodes and
deadlines are in (b); writing scores is not, as none are asked for. Prints each pair's ratio validate/replay (1 would
mean that the engine costs nothing; the aim is at least 0.30), the medians, and the packed size of all records.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from streams.configuration import load
from streams.history import replay_files, uncollected
from streams.replay import Listener, Replay
from streams.simulate.bulk import bulk
from streams.source import read
from streams.wire import validate_only

DAYS = 60


def generate(path: Path, events: int, accounts: int) -> None:
    with path.open("wb") as out:
        for line in bulk(1, accounts, events, DAYS):
            out.write(line + b"\n")


def validate(path: str) -> dict[str, float]:
    began, cpu, valid = time.perf_counter(), time.process_time(), 0
    with uncollected():
        for chunk in read(path):
            valid += validate_only(chunk.lines)
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "events": valid}


def replay(path: str) -> dict[str, float]:
    configuration = load()
    run = Replay(configuration.engine(publishing=False), Listener())
    began, cpu = time.perf_counter(), time.process_time()
    done = replay_files(run, [path], configuration.vocabulary)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    sizes = sorted(len(run.engine.pack(account)) for account in run.accounts.values())
    return {
        "seconds": seconds, "cpu": cpu, "events": done.events, "accounts": len(sizes), "triggers": run.triggers,
        "record_bytes_median": median(sizes), "record_bytes_p99": sizes[int(0.99 * len(sizes))], "record_bytes_max":
        sizes[-1],
    }  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps({"validate": validate, "replay": replay}[sys.argv[2]](sys.argv[3])))
        return
    events, accounts, runs = (int(given) for given in (*sys.argv[1:], *("2000000", "100000", "3")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bulk.jsonl"
        generate(path, events, accounts)
        print(
            json.dumps({"events": events, "accounts": accounts, "days": DAYS, "bytes": path.stat().st_size}), flush=True
        )
        pairs = []
        for _ in range(runs):
            pair = {part: _measure(part, path) for part in ("validate", "replay")}
            pairs.append(pair)
            print(
                json.dumps({**{part: found["seconds"] for part, found in pair.items()}, "ratio": _ratio(pair)}),
                flush=True,
            )
    print(
        json.dumps(
            {"ratio_median": median(map(_ratio, pairs)), "ratios": sorted(map(_ratio, pairs)), **pairs[-1]["replay"]}
        )
    )


def _measure(part: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.replay", "--part", part, str(path)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _ratio(pair: dict[str, dict[str, float]]) -> float:
    return round(pair["validate"]["seconds"] / pair["replay"]["seconds"], 3)


if __name__ == "__main__":
    main()
