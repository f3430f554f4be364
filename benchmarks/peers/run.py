"""The same work by several engines, in one run on one broker: how fast, at what cost, how late? See work.md.

    python -m benchmarks.peers.run [--events 2000000] [--runs 3] [--no-latency] [NAME ...]

Starts a broker, writes the events, and lets the participants (participants.py; all, or those that are named) do the
work in turn, RUNS rounds of it; then asks those that can be asked for their latency, as many rounds. Their environments
are made when they are not there (.peers/, some minutes; Java 17 and Maven for Kafka Streams); one that can't be made is
left out, and that is said. The exit status is 0 when all others got through with the right outputs. What a figure
includes is said in work.md.

stdout: a JSON line for each run and for each participant's medians, of latency too; then, when our own engine took
part, a line `goal NAME: met|missed FIGURE (wanted ...)` for each goal. stderr: progress, and a table of it all.
.peers/peers.svg: a plot of it.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TypeVar

from rich.console import Console

from benchmarks.peers.environments import CHECKOUT, HOME, UnavailableError, Venv
from benchmarks.peers.events import Events
from benchmarks.peers.goals import goals, summary, table
from benchmarks.peers.latency import Latency, latency, typical
from benchmarks.peers.measure import Run, measure
from benchmarks.peers.participants import OURS, PARTICIPANTS, Participant
from benchmarks.peers.process import FailedError
from benchmarks.peers.topics import Topics
from deploy.kafka.broker import Broker
from deploy.kafka.libraries import BrokerError

DAY_S = 86_400
WIDTH = 200
"""Columns of the table where it is not a terminal's."""

PLOT = HOME / "peers.svg"

T = TypeVar("T")

_told: list[str] = []


class Measured(NamedTuple):
    """All that was measured."""

    runs: dict[str, list[Run]]
    latencies: dict[str, list[Latency]]


def available(participants: Sequence[Participant]) -> list[Participant]:
    """Those whose environments are there, or could be made."""
    found = []
    for participant in participants:
        try:
            participant.environment.make()
        except UnavailableError as error:
            _note(f"{participant.name} is left out: {error}")
        else:
            found.append(participant)
    return found


def filled(topics: Topics, counts: set[int]) -> dict[int, tuple[str, Events]]:
    """Topics with so many events each, named as our own engine's."""
    end = int(time.time()) // DAY_S * DAY_S
    found = {}
    for count in sorted(counts):
        name, events = f"peers-{count}.usage-events", Events(count, end=end)
        topics.create(name)
        began = time.monotonic()
        topics.fill(name, events)
        _note(f"{count:,} events written in {time.monotonic() - began:.0f} s; {len(events.expected):,} must trigger")
        found[count] = name, events
    return found


def compete(participants: Sequence[Participant], topics: Topics, *, events: int, runs: int, late: bool) -> Measured:
    """All runs, interleaved, and then the latencies."""
    measured = Measured({}, {})
    inputs = filled(topics, {min(events, participant.events_max) for participant in participants})
    kept = {name for name, _ in inputs.values()}
    for number in range(runs):
        for participant in participants:
            if number < participant.runs_max:
                name, made = inputs[min(events, participant.events_max)]
                label = f"{participant.name}.{number}"
                run = _tried(participant, partial(measure, participant, label, topics, name, made))
                topics.clear(but=kept)
                if run is not None:
                    measured.runs.setdefault(participant.name, []).append(run)
                    _tell({"run": number + 1, **run.told()})
    for number in range(runs if late else 0):
        for participant in participants:
            if participant.latency and number < participant.runs_max:
                found = _tried(participant, partial(latency, participant, topics))
                topics.clear(but=kept)
                if found is not None:
                    measured.latencies.setdefault(participant.name, []).append(found)
                    _tell({"round": number + 1, "participant": participant.name, **found.told()})
    return measured


def _tried(participant: Participant, work: Callable[[], T]) -> T | None:
    try:
        return work()
    except FailedError as error:
        _note(f"{participant.name} failed: {error}")
        return None


def _tell(told: dict[str, object]) -> None:
    line = json.dumps(told)
    _told.append(line)
    print(line, flush=True)


def _plot() -> None:
    """Draw all that was told."""
    environment = Venv("plot")
    try:
        environment.make()
    except UnavailableError as error:
        _note(f"there is no plot: {error}")
        return
    subprocess.run(environment.command(str(PLOT)), input="\n".join(_told), text=True, cwd=CHECKOUT, check=True)
    _note(f"the plot is {PLOT.relative_to(CHECKOUT)}")


def _note(text: str) -> None:
    print(f"peers: {text}", file=sys.stderr, flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)  # so that what was started is ended


def main() -> None:
    parser = argparse.ArgumentParser(description="The same work by several engines, in one run on one broker.")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-latency", dest="latency", action="store_false")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.name for one in PARTICIPANTS))
    given = parser.parse_args()
    if unknown := set(given.names) - {one.name for one in PARTICIPANTS}:
        parser.error(f"no such participant: {', '.join(sorted(unknown))}")
    chosen = available([one for one in PARTICIPANTS if one.name in given.names or not given.names])
    signal.signal(signal.SIGTERM, _stop)
    try:
        with tempfile.TemporaryDirectory() as directory, Broker(Path(directory)) as broker:
            topics = Topics(broker.bootstrap)
            measured = compete(chosen, topics, events=given.events, runs=given.runs, late=given.latency)
            topics.close()
    except BrokerError as error:
        sys.exit(f"error: {error}")
    _report(chosen, measured)


def _report(chosen: Sequence[Participant], measured: Measured) -> None:
    summaries = {name: summary(runs) for name, runs in measured.runs.items()}
    for name, found in summaries.items():
        _tell({"median": name, **found.told()})
    latencies = {name: typical(rounds) for name, rounds in measured.latencies.items()}
    for name, late in latencies.items():
        _tell({"latency": name, **late.told()})
    width = None if sys.stderr.isatty() else WIDTH
    Console(stderr=True, width=width).print(table(chosen, summaries, latencies))
    if summaries:
        _plot()
    if OURS not in summaries:
        _note(f"{OURS} took no part: no goal can be judged")
    for line in goals(summaries, latencies):
        print(line, flush=True)
    sys.exit(any(found.wrong for found in summaries.values()) or len(summaries) < len(chosen))


if __name__ == "__main__":
    main()
