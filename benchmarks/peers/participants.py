"""Who takes part: one table."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.peers.environments import Checkout, Environment, Maven, Venv

OURS = "accountpulse"
"""The participant that the goals are about."""


class Found(NamedTuple):
    """A trigger that came out. None: this participant does not say."""

    id: str
    features: int | None
    score: float | None


def as_asked(value: bytes) -> Found:
    """A message of the outputs topic as work.md wants it."""
    told = json.loads(value)
    return Found(told["id"], told["features"], told["score"])


def as_ours(value: bytes) -> Found:
    """One of our CloudEvents. It is of the moment after a chunk, and says nothing of the event that made it."""
    told = json.loads(value)["data"]
    return Found(f"{told['account_id']}:{told['episode']}", None, None)


@dataclass(frozen=True)
class Participant:
    """A program that does the work. It gets its task by the environment (`work.Task`), and says on stdout "first" and
    "last", with unix seconds, when it has that event in hand. It goes on until stdin is closed or SIGTERM comes.
    """

    name: str
    guarantee: str
    """What it promises, and by what."""

    environment: Environment
    arguments: tuple[str, ...] = ()
    commits: bool = True
    """It is done when its group's offsets are committed to the end; otherwise when it says "done"."""

    outputs: str = ""
    """The topic that its triggers go to, if it has one of its own; `{events}` is the number of events. Otherwise one
    is made for each run."""

    found: Callable[[bytes], Found] = as_asked
    """Reads a message of that topic."""

    triggers: bool = True
    """Whether any come."""

    latency: bool = True
    """Whether event-to-trigger latency is asked of it."""

    runs_max: int = 1_000
    events_max: int = 1_000_000_000
    """Gets only so many events, the first ones, because it is slow."""


PARTICIPANTS: tuple[Participant, ...] = (
    Participant(
        OURS, "each event once; state acknowledged first", Checkout("benchmarks.peers.ours.program"),
        outputs="peers-{events}.play-triggers", found=as_ours,
    ),
    Participant(
        f"{OURS}-shipped", "each event once; state acknowledged first", Checkout("benchmarks.peers.ours.program"),
        arguments=("shipped",), triggers=False, latency=False,
    ),
    Participant("validate", "none: keeps nothing", Venv("only_validate"), commits=False, triggers=False, latency=False),
    Participant(
        "faust", "at least once; changelog not awaited", Venv("plain_faust"), events_max=100_000,
    ),
    Participant("quix", "at least once, 5 s", Venv("quix")),
    Participant(
        "bytewax", "snapshots on disk, 5 s", Venv("bytewax_recovery"), arguments=("event",), commits=False,
        latency=False,
    ),
    Participant(
        "bytewax-tuned", "snapshots on disk, 5 s", Venv("bytewax_recovery"), arguments=("batch",), commits=False,
    ),
    Participant(
        "kafka-streams", "at least once, 5 s", Maven("kafka_streams"),
        arguments=("processing.guarantee=at_least_once", "commit.interval.ms=5000"),
    ),
    Participant(
        "kafka-streams-eos", "exactly once, 0.1 s", Maven("kafka_streams"),
        arguments=("processing.guarantee=exactly_once_v2",), runs_max=1,
    ),
)  # fmt: skip
