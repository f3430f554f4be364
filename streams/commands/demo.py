"""`accountpulse demo`: the bundled scenario through the engine, before your eyes. What `make run` does."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from scoring.days import DAY, iso
from scoring.score import Score
from streams import console
from streams.configuration import load
from streams.demo.report import report
from streams.demo.view import DemoView
from streams.history import uncollected
from streams.replay import Listener, Replay
from streams.simulate.scenario import SEED, simulate
from streams.wire import decode

CHUNK_LINES = 2_000

STEP_S = 6 * 3_600.0
"""Seconds of a step: no play of the starter set dwells for less than a day."""

DEMO_ACCOUNTS = 240
"""A few hundred: enough of each story to judge by, and done well within a minute."""

LOOK_BACK_DAYS = 30
"""The accounts at risk are shown with what moved them in so many days."""


def demo(
    seed: Annotated[int, typer.Option(help="The same seed gives the same scenario.")] = SEED,
    accounts: Annotated[int, typer.Option(help="Accounts.")] = DEMO_ACCOUNTS,
) -> None:
    """A generated year of accounts with planted stories through the engine, as if live: what fired, who is at risk,
    what was caught.

    Tables go to standard error; one JSON line with the verdict on each story to standard output.
    """
    configuration = load()
    scenario = simulate(seed, accounts)
    start, end = scenario.start.timestamp(), scenario.end.timestamp()
    wide = Console(stderr=True, width=None if console.people.is_terminal else 100)
    view = DemoView(wide, start=start, end=end)
    earlier: dict[str, dict[str, Any]] = {}

    def on_scores(at: float, scores: Iterator[Score]) -> None:
        if abs(at - (end - LOOK_BACK_DAYS * DAY)) < DAY / 2:
            earlier.update((score.account_id, score.to_json()) for score in scores)

    run = Replay(
        configuration.engine(publishing=False), Listener(view.on_trigger, on_scores), every="day", step_s=STEP_S
    )
    done = 0
    with view, uncollected():
        for lines in _chunks(scenario.messages):
            decoded = decode(lines, vocabulary=configuration.vocabulary)
            run.feed(decoded.events)
            done += len(lines)
            view.on_progress(done, 0, run.clock)
        run.finish(end)
    verdicts = report(wide, view.triggers, scenario.truth, [score.to_json() for score in run.scores(end)], earlier)
    console.say(
        {
            "events": done, "accounts": len(run.accounts), "until": iso(end), "triggers": len(view.triggers),
            "stories": [verdict._asdict() for verdict in verdicts],
        }
    )  # fmt: skip


def _chunks(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == CHUNK_LINES:
            yield chunk
            chunk = []
    yield chunk
