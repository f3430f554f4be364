"""What the run came to: the plays that fired, the accounts most at risk and what moved them, the planted stories."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scoring.score import deltas
from streams.demo.verdict import StoryVerdict, judge, unjudged
from streams.demo.view import SEVERITY_STYLE
from streams.simulate.truth import Truth

AT_RISK_ROWS = 10
MOVERS = 3
POINTS_SHOWN_MIN = 0.05
"""What would show as -0.0 moved nothing."""
WIDTH_MAX = 120
"""Columns: wider rows are hard to follow with the eye."""

BAND_STYLE = {"healthy": "green", "watch": "yellow", "at_risk": "red"}
SEVERITIES = ("critical", "warning", "info")

Trigger = Mapping[str, Any]
PublishedScore = Mapping[str, Any]
"""A score as `Score.to_json` publishes it."""


def report(
    console: Console,
    triggers: Sequence[Trigger],
    truth: Sequence[Truth],
    scores: Sequence[PublishedScore],
    earlier: Mapping[str, PublishedScore],
) -> list[StoryVerdict]:
    """Print the three tables; returns the verdicts.

    scores: every account's at the end of the run; earlier: by account those of some 30 days before.
    """
    verdicts = judge(truth, triggers)
    console.print()
    console.print(plays_table(triggers, console.width))
    console.print(risk_table(scores, earlier, console.width))
    console.print(story_table(verdicts, console.width))
    console.print(Text(_footnote(verdicts, truth, triggers), style="dim"), width=min(console.width, WIDTH_MAX))
    return verdicts


def plays_table(triggers: Sequence[Trigger], width: int) -> Table:
    """Which plays fired how often, the gravest first, each with its newest trigger as an example."""
    by_play: dict[str, list[Trigger]] = defaultdict(list)
    for trigger in triggers:
        by_play[trigger["data"]["play"]].append(trigger)
    table = _table("Plays fired", width)
    table.add_column("Play", no_wrap=True)
    table.add_column("Fired", justify="right")
    table.add_column("Accounts", justify="right")
    table.add_column("For example", ratio=1)
    for fired in sorted(by_play.values(), key=_rank):
        newest = max(fired, key=lambda trigger: str(trigger["time"]))
        data = newest["data"]
        example = Text.assemble((f"{newest['subject']}, {newest['time'][:10]}: ", "dim"), data["reason"])
        accounts = len({trigger["subject"] for trigger in fired})
        table.add_row(
            Text(data["title"], SEVERITY_STYLE.get(data["severity"], "")), f"{len(fired):,}", f"{accounts:,}", example
        )
    if not by_play:
        table.add_row("none", "0", "0", "")
    return table


def risk_table(scores: Sequence[PublishedScore], earlier: Mapping[str, PublishedScore], width: int) -> Table:
    """The accounts with the lowest scores, and the metrics that took most points from them since the earlier scores."""
    known = sorted((s for s in scores if s["score"] is not None), key=lambda s: (s["score"], s["account_id"]))
    shown = known[:AT_RISK_ROWS]
    table = _table(f"Accounts most at risk ({len(shown)} of {len(scores):,}; score 0 bad - 100 good)", width)
    table.add_column("Account", no_wrap=True)
    table.add_column("Segment", no_wrap=True)
    table.add_column("Score", justify="right")
    table.add_column("Band", no_wrap=True)
    table.add_column("30 days", justify="right", no_wrap=True)
    table.add_column("What moved it", ratio=1)
    for score in shown:
        before = earlier.get(score["account_id"])
        change, moved = _moved(before, score)
        band = Text(str(score["band"]).replace("_", " "), BAND_STYLE.get(str(score["band"]), ""))
        table.add_row(Text(score["account_id"]), Text(score["segment"]), f"{score['score']:.1f}", band, change, moved)
    return table


def story_table(verdicts: Sequence[StoryVerdict], width: int) -> Table:
    """How the planted stories fared."""
    table = _table("Planted stories", width)
    table.add_column("Story", no_wrap=True)
    table.add_column("Play expected", no_wrap=True)
    for name in ("Planted", "Caught", "Missed", "Late"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(
        "Falsely raised", justify="right", min_width=len("Falsely")
    )  # the longer word of a header of two rows
    table.add_column("Median delay", justify="right", min_width=len("100 days"))
    for verdict in verdicts:
        if verdict.play is None:
            play, caught, late, delay = Text("none", "dim"), f"{verdict.caught} quiet", "", ""
        else:
            play, caught, late = Text(verdict.play), str(verdict.caught), str(verdict.late)
            delay = "-" if verdict.median_delay_days is None else f"{verdict.median_delay_days:.0f} days"
        caught_text = Text(caught, "" if verdict.missed else "green")
        missed, false = _bad(verdict.missed), _bad(verdict.falsely_raised)
        story = verdict.story.replace("_", " ")
        table.add_row(story, play, str(verdict.planted), caught_text, missed, late, false, delay)
    return table


def _moved(before: PublishedScore | None, now: PublishedScore) -> tuple[str, Text]:
    """The change of the score and the contributions that fell most."""
    if before is None or before["score"] is None:
        return "new", Text("")
    moves = deltas(dict(before), dict(now)).items()
    falling = [(metric, points) for metric, points in moves if points <= -POINTS_SHOWN_MIN][:MOVERS]
    moved = Text() if falling else Text("nothing fell", "dim")
    for place, (metric, points) in enumerate(falling):
        moved.append(", " if place else "").append(metric.replace("_", " ")).append(f" {points:+.1f}", "red")
    return f"{now['score'] - before['score']:+.1f}", moved


def _footnote(verdicts: Sequence[StoryVerdict], truth: Sequence[Truth], triggers: Sequence[Trigger]) -> str:
    planted = [verdict for verdict in verdicts if verdict.play is not None]
    caught, total = sum(verdict.caught for verdict in planted), sum(verdict.planted for verdict in planted)
    false = sum(verdict.falsely_raised for verdict in planted)
    return (
        f"{caught} of {total} stories caught before their deadline, and {false} triggers falsely raised over "
        f"{len(truth)} accounts. Falsely raised: no story planted in the account explains the trigger at its time. "
        "Late ones are missed ones. Delay: from the story's first day, before anything shows, to the trigger. "
        f"{unjudged(truth, triggers)} triggers of other plays are not judged: the history plants nothing about them. "
        "All of this is made up; your own history is the better test."
    )


def _table(title: str, width: int) -> Table:
    return Table(
        title=Text(title, "bold"), title_justify="left", box=box.SIMPLE_HEAD, expand=True, width=min(width, WIDTH_MAX)
    )


def _bad(count: int) -> Text:
    return Text(str(count), "red" if count else "")


def _rank(fired: list[Trigger]) -> tuple[int, int]:
    severity = fired[0]["data"]["severity"]
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES), -len(fired)
