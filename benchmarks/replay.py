"""How fast is a replay, against only reading and validating the same file? And how large is a record?

    python -m benchmarks.replay [EVENTS] [ACCOUNTS] [RUNS]

Generates EVENTS (2,000,000) messages over ACCOUNTS (100,000) with `accountpulse simulate --bulk` (sessions of 2 to 8
events, nearly all usage, 60 days). Two processes then go through the file: (a) reads it and validates every line with
the same pydantic types, BATCH_LINES in one call, which is as fast as pydantic can, (b) replays it with everything as
shipped. They take turns, TURN_CHUNKS chunks of 1 MB each, so that both meet the same noise of the machine and seldom
each other's caches; each counts the seconds of its own turns. Reading, decompression (none here), validation (which
asks pydantic only about what is not usual), folding, scoring where a play could start, episodes and deadlines are in
(b); writing scores is not, as none are asked for. Prints the ratio validate/replay of each run (1 would mean that the
engine costs nothing; the aim is at least 0.30), the medians, and the packed size of all records.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from streams.configuration import load
from streams.history import replay_chunks, uncollected
from streams.message import Message
from streams.replay import Listener, Replay
from streams.simulate.bulk import bulk
from streams.source import Chunk, read

DAYS = 60

BATCH_LINES = 256
"""Lines that pydantic is given in one call: more save nothing."""

TURN_CHUNKS = 16

_BATCH = TypeAdapter(list[Message])

Found = dict[str, float]


class Turns:
    """This process's turns: a line on standard input begins one, a line on standard output ends it."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0
        self._began = (0.0, 0.0)

    def chunks(self, path: str) -> Iterator[Chunk]:
        """The chunks of a file, TURN_CHUNKS a turn; what is done with the last of all belongs to the last turn."""
        self._begin()
        for number, chunk in enumerate(read(path), 1):
            yield chunk
            if number % TURN_CHUNKS == 0:
                self.end()
                self._begin()

    def end(self) -> None:
        """The turn is over."""
        self.seconds += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]

    def _begin(self) -> None:
        print(flush=True)
        sys.stdin.readline()
        self._began = time.perf_counter(), time.process_time()


def generate(path: Path, events: int, accounts: int) -> None:
    with path.open("wb") as out:
        for line in bulk(1, accounts, events, DAYS):
            out.write(line + b"\n")


def validate(path: str) -> Found:
    turns, valid = Turns(), 0
    with uncollected():
        for chunk in turns.chunks(path):
            for start in range(0, len(chunk.lines), BATCH_LINES):
                batch = chunk.lines[start : start + BATCH_LINES]
                valid += len(_BATCH.validate_json(b"[" + b",".join(batch) + b"]"))
        turns.end()
    return {"seconds": turns.seconds, "cpu": turns.cpu, "events": valid}


def replay(path: str) -> Found:
    configuration, turns = load(), Turns()
    run = Replay(configuration.engine(publishing=False), Listener())
    done = replay_chunks(run, turns.chunks(path), configuration.vocabulary)
    turns.end()
    sizes = sorted(len(run.engine.pack(account)) for account in run.accounts.values())
    return {
        "seconds": turns.seconds, "cpu": turns.cpu, "events": done.events, "accounts": len(sizes),
        "triggers": run.triggers, "record_bytes_median": median(sizes),
        "record_bytes_p99": sizes[int(0.99 * len(sizes))], "record_bytes_max": sizes[-1],
    }  # fmt: skip


def pair(path: Path) -> tuple[Found, Found]:
    """What both found, taking turns."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.replay", "--part", part, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        for part in ("validate", "replay")
    ]  # fmt: skip
    said = [_said(process) for process in processes]
    while not any(said):
        for place, process in enumerate(processes):
            assert process.stdin is not None
            process.stdin.write("\n")
            said[place] = _said(process)
    return json.loads(said[0]), json.loads(said[1])


def _said(process: "subprocess.Popen[str]") -> str:
    """The next line of a process: empty at the end of a turn, else what it found."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a part ended with exit code {process.wait()}")
    return line.strip()


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps({"validate": validate, "replay": replay}[sys.argv[2]](sys.argv[3])))
        return
    events, accounts, runs = (int(given) for given in (*sys.argv[1:], *("2000000", "100000", "3")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "bulk.jsonl"
        generate(path, events, accounts)
        size = path.stat().st_size
        print(json.dumps({"events": events, "accounts": accounts, "days": DAYS, "bytes": size}), flush=True)
        ratios, replayed = list[float](), Found()
        for _ in range(runs):
            validated, replayed = pair(path)
            ratios.append(round(validated["seconds"] / replayed["seconds"], 3))
            found = {"validate": validated["seconds"], "replay": replayed["seconds"], "ratio": ratios[-1]}
            print(json.dumps(found), flush=True)
    print(json.dumps({"ratio_median": median(ratios), "ratios": sorted(ratios), **replayed}))


if __name__ == "__main__":
    main()
