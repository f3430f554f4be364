"""One run of one participant: start it, see when it is done, and whether what came out is right."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose

from benchmarks.peers.events import Events, Expected
from benchmarks.peers.participants import Found, Participant
from benchmarks.peers.process import Process, wait
from benchmarks.peers.topics import Topics

RUN_S_MAX = 120.0
"""For starting and ending; besides, every participant does at least SLOWEST events a second."""
SLOWEST = 500.0
LOOK_S = 0.02
"""Between two looks at the commits, once the last event is in hand."""
GLANCE_S = 0.25
"""Before that: for participants that do not say when it is."""
LATE_S_MAX = 10.0
"""Outputs of a participant that does not wait for its producer may be so late."""
SCORE_ERROR_MAX = 1e-6
"""Engines may add in another order; a score that was lost or counted twice is off by far more."""


@dataclass(frozen=True)
class Run:
    """What was measured."""

    participant: str
    events: int
    seconds: float
    cpu_s: float
    peak_bytes: int
    triggers: int
    wrong: str
    """How the outputs differ from what was expected; empty when they are right."""

    @property
    def events_per_s(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_s_per_million(self) -> float:
        return self.cpu_s / self.events * 1e6

    def told(self) -> dict[str, object]:
        """For a line of JSON."""
        return {
            "participant": self.participant, "events": self.events, "seconds": round(self.seconds, 3),
            "events_per_s": round(self.events_per_s), "cpu_s_per_million": round(self.cpu_s_per_million, 2),
            "peak_mb": round(self.peak_bytes / 1e6), "triggers": self.triggers, "wrong": self.wrong,
        }  # fmt: skip


def task(participant: Participant, name: str, bootstrap: str, topic: str, events: int) -> dict[str, str]:
    """The environment that tells a participant what to do: see work.Task."""
    outputs = participant.outputs.format(events=events) or f"peers.{name}.triggers"
    return {
        "PEERS_BOOTSTRAP": bootstrap,
        "PEERS_TOPIC": topic,
        "PEERS_OUTPUTS": outputs,
        "PEERS_GROUP": f"peers.{name}",
        "PEERS_EVENTS": str(events),
    }


def measure(participant: Participant, name: str, topics: Topics, topic: str, events: Events) -> Run:
    """Run it once. FailedError if it does not get through."""
    given = task(participant, name, topics.bootstrap, topic, events.count)
    outputs = given["PEERS_OUTPUTS"]
    if participant.triggers and not participant.outputs:
        topics.create(outputs)
    with Process(participant.environment.command(*participant.arguments), given) as process:
        until = time.monotonic() + RUN_S_MAX + events.count / SLOWEST
        while "done" not in process.told:
            looked = participant.commits and "first" in process.told
            if looked and topics.committed(given["PEERS_GROUP"], topic, events.counts):
                process.note("done", time.time())
                break
            wait(process, until)
            time.sleep(LOOK_S if "last" in process.told or not participant.commits else GLANCE_S)
        peak = process.peak_bytes()
        found, wrong = _outcome(participant, topics, outputs, events.expected) if participant.triggers else (0, "")
    seconds, cpu_s = (noted["done"] - noted["first"] for noted in (process.told, process.cpu_s))
    return Run(participant.name, events.count, seconds, cpu_s, peak, found, wrong)


def _outcome(
    participant: Participant, topics: Topics, outputs: str, expected: Mapping[str, Expected]
) -> tuple[int, str]:
    """How many triggers came, and how they differ from the expected ones."""
    until = time.monotonic() + LATE_S_MAX
    while True:
        found = [participant.found(value) for value in topics.read(outputs)]
        if len(found) >= len(expected) or time.monotonic() > until:
            break
        time.sleep(LOOK_S)
    by_id = {trigger.id: trigger for trigger in found}
    reasons = []
    if len(by_id) < len(found):
        reasons.append(f"{len(found) - len(by_id)} sent again")
    if missing := expected.keys() - by_id.keys():
        reasons.append(f"{len(missing)} missing, such as {min(missing)}")
    if more := by_id.keys() - expected.keys():
        reasons.append(f"{len(more)} not expected, such as {min(more)}")
    if differing := [name for name in by_id.keys() & expected.keys() if _differs(by_id[name], expected[name])]:
        name = min(differing)
        reasons.append(f"{len(differing)} otherwise, such as {by_id[name]}, which must be {expected[name]}")
    return len(found), "; ".join(reasons)


def _differs(found: Found, expected: Expected) -> bool:
    features, score = expected
    return found.features not in {None, features} or not (
        found.score is None or isclose(found.score, score, abs_tol=SCORE_ERROR_MAX)
    )
