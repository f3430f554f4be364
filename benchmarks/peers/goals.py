"""What we want of our own engine beside its peers, and the table of all."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from rich.table import Table

from benchmarks.peers.latency import Latency
from benchmarks.peers.measure import Run
from benchmarks.peers.participants import OURS, Participant

JUDGED_EVENTS = 2_000_000
"""At this number of events the goals hold: records have grown to their size."""

TIMES: Mapping[str, float] = {
    "kafka-streams": 1.0,
    "quix": 2.3,
    "bytewax-tuned": 1.3,
    "faust": 25.0,
    "validate": 0.3,
}
"""Our events/s, at least, over those of a participant."""

CPU_SHARE_MAX = 0.75
"""Our CPU seconds for an event over those of Kafka Streams."""

P50_MS, P99_MS = 10.0, 50.0
"""Event to trigger at 500 events/s, the state durable first: under these."""


class Summary(NamedTuple):
    """Medians of a participant's runs."""

    runs: int
    events: int
    events_per_s: float
    cpu_s_per_million: float
    peak_mb: float
    triggers: int
    wrong: str

    def told(self) -> dict[str, object]:
        """For a line of JSON."""
        return {
            "runs": self.runs, "events": self.events, "events_per_s": round(self.events_per_s),
            "cpu_s_per_million": round(self.cpu_s_per_million, 2), "peak_mb": round(self.peak_mb),
        }  # fmt: skip


def summary(runs: Sequence[Run]) -> Summary:
    """Of one participant's runs, of which there must be one."""
    return Summary(
        len(runs),
        runs[0].events,
        median(run.events_per_s for run in runs),
        median(run.cpu_s_per_million for run in runs),
        median(run.peak_bytes for run in runs) / 1e6,
        runs[0].triggers,
        "; ".join(sorted({run.wrong for run in runs} - {""})),
    )


def goals(summaries: Mapping[str, Summary], latencies: Mapping[str, Latency]) -> Iterator[str]:
    """A line for each goal that can be judged by what was measured."""
    ours = summaries.get(OURS)
    if ours is not None:
        at = "" if ours.events == JUDGED_EVENTS else f"; judged at {JUDGED_EVENTS:,} events, these are {ours.events:,}"
        for name, least in TIMES.items():
            if name in summaries:
                ratio = ours.events_per_s / summaries[name].events_per_s
                yield _line(f"throughput-{name}", ratio >= least, f"{ratio:.2f} x", f"at least {least} x{at}")
        if "kafka-streams" in summaries:
            share = ours.cpu_s_per_million / summaries["kafka-streams"].cpu_s_per_million
            yield _line("cpu-kafka-streams", share <= CPU_SHARE_MAX, f"{share:.2f} x", f"at most {CPU_SHARE_MAX} x{at}")
        right = not ours.wrong
        yield _line("outputs", right, ours.wrong or f"{ours.triggers} as expected", "exactly the expected triggers")
    if OURS in latencies:
        _, _, missing, p50, p99, _ = latencies[OURS]
        for name, value, bound in (("p50", p50, P50_MS), ("p99", p99, P99_MS)):
            met = value < bound and not missing
            lost = f" and {missing} triggers missing" if missing else ""
            yield _line(f"latency-{name}", met, f"{value:.1f} ms{lost}", f"under {bound:.0f} ms")


def _line(name: str, met: bool, figure: str, wanted: str) -> str:
    return f"goal {name}: {'met' if met else 'missed'} {figure} (wanted {wanted})"


def table(
    participants: Sequence[Participant], summaries: Mapping[str, Summary], latencies: Mapping[str, Latency]
) -> Table:
    """All that was measured, for people."""
    found = Table(title="One process each, one broker on the same machine; medians of interleaved runs")
    for heading in ("participant", "versions", "guarantee"):
        found.add_column(heading)
    for heading in ("runs", "events", "events/s", "CPU-s per million", "peak MB", "p50 / p99 ms", "outputs"):
        found.add_column(heading, justify="right")
    for participant in participants:
        told = summaries.get(participant.name)
        late = latencies.get(participant.name)
        figures = ["", "", "failed", "", ""] if told is None else [
            str(told.runs), f"{told.events:,}", f"{told.events_per_s:,.0f}", f"{told.cpu_s_per_million:.1f}",
            f"{told.peak_mb:,.0f}",
        ]  # fmt: skip
        right = "" if told is None or not participant.triggers else told.wrong or f"{told.triggers} right"
        spread = "" if late is None else f"{late.p50_ms:.0f} / {late.p99_ms:.0f}"
        found.add_row(
            participant.name, participant.environment.versions(), participant.guarantee, *figures, spread, right
        )
    return found
