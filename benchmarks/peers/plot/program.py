"""Draws what was measured: JSON lines of `benchmarks.peers.run` on stdin, an SVG file out.

    python -m benchmarks.peers.plot.program FILE.svg < LINES

Three panels that share their rows: events a second with every single run as a dot, CPU seconds for a million events,
and event-to-trigger latency (p50 to p99).
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

OURS, OTHERS = "#1f6f50", "#9aa5b1"
Told = Mapping[str, Mapping[str, Any]]


def draw(medians: Told, runs: list[Mapping[str, Any]], latencies: Told, ours: str) -> Figure:
    """The figure; participants in order of their throughput, the fastest on top."""
    names = sorted(medians, key=lambda name: medians[name]["events_per_s"])
    rows = {name: row for row, name in enumerate(names)}
    colours = [OURS if name == ours else OTHERS for name in names]
    figure = Figure(figsize=(11, 1.6 + 0.4 * len(names)), layout="constrained")
    speed, cpu, late = figure.subplots(1, 3, sharey=True)
    speed.barh(names, [medians[name]["events_per_s"] for name in names], color=colours)
    speed.plot([run["events_per_s"] for run in runs], [rows[run["participant"]] for run in runs], "k.", markersize=4)
    speed.set_xlabel("events/s (bars: medians, dots: runs)")
    cpu.barh(names, [medians[name]["cpu_s_per_million"] for name in names], color=colours)
    cpu.set_xlabel("CPU-seconds per million events")
    for name in names:
        if name in latencies:
            low, high = latencies[name]["p50_ms"], latencies[name]["p99_ms"]
            late.plot([low, high], [rows[name]] * 2, "o-", color=colours[rows[name]])
    late.set_xlabel("event to trigger, ms (p50 to p99)")
    for panel in (cpu, late):  # a bar of a logarithm must begin somewhere: where one unit is
        panel.set_xscale("log")
        panel.set_xlim(left=1.0, right=2.0 * max(1.0, panel.get_xlim()[1]))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.xaxis.set_minor_formatter("")
    figure.suptitle("The same work on one Kafka, one process each")
    return figure


def main() -> None:
    lines = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    figure = draw(
        {line["median"]: line for line in lines if "median" in line},
        [line for line in lines if "run" in line],
        {line["latency"]: line for line in lines if "latency" in line},
        "accountpulse",
    )
    # the same figures, the same file: no date in it, and no ids that are drawn by chance
    mpl.rcParams["svg.hashsalt"] = "accountpulse"
    figure.savefig(sys.argv[1], metadata={"Date": None})


if __name__ == "__main__":
    main()
