"""`accountpulse replay`: a history through the engine, as if live."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scoring.days import iso
from scoring.score import Score
from streams import console, history
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured, tolerant_wall
from streams.commands.reports import ScorecardFile, settings_of
from streams.dead_letter import DeadLetter
from streams.replay import Listener, Replay
from streams.source import STDIN, SourceError

COLUMNS = "{task.fields[at]}  {task.fields[events]:>10,} events  {task.fields[rate]}"

DEAD_SHOWN_MAX = 5
"""Dead letters shown on the terminal; all of them go to --dead-letters."""


class Every(StrEnum):
    """How often scores are written."""

    day = "day"
    week = "week"
    month = "month"


def replay(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="JSON lines of the Segment spec, plain, .gz or .zst; - is standard input."
        ),
    ],
    scores: Annotated[
        Path | None,
        typer.Option(help="Write every known account's score here, at the first instant of each period (UTC)."),
    ] = None,
    every: Annotated[Every, typer.Option(help="The period of --scores.")] = Every.month,
    triggers: Annotated[Path | None, typer.Option(help="Write every trigger here (CloudEvents, JSON lines).")] = None,
    dead_letters: Annotated[Path | None, typer.Option(help="Write every refused line here, with its reason.")] = None,
    read_model: Annotated[
        str | None,
        typer.Option(help="Make the scorecard's read model of it as well: a new SQLite file, or a database's URL."),
    ] = None,
    scorecard: ScorecardFile = None,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Run a history through the engine as if it were live: in order of arrival, with time taken from the events.

    Prints one JSON line with what was read and what fired. Exit code 0; 2 when a file or the configuration can't be
    used.
    """
    from scorecard.model.database import DatabaseError
    from streams.scorecard.backfill import backfill

    configuration = configured(profile, plays, vocabulary)
    with ExitStack() as stack:
        outputs = [stack.enter_context(_open(path)) if path else None for path in (scores, triggers, dead_letters)]
        listener = Listener(
            _writer(outputs[1]),
            None if outputs[0] is None else lambda at, found: _write_scores(outputs[0], found),
        )
        run = Replay(configuration.engine(publishing=False), listener, every=every.value)
        bury = _Graves(outputs[2])
        try:
            books = None if read_model is None else stack.enter_context(backfill(read_model, settings_of(scorecard)))
        except DatabaseError as error:
            console.people.print(f"[red]error[/] {error}", soft_wrap=True)
            raise typer.Exit(console.EXIT_REFUSED) from None
        total = sum(Path(file).stat().st_size for file in files if file != STDIN and Path(file).is_file()) or None
        try:
            columns = (TextColumn("replay"), BarColumn(), TextColumn(COLUMNS), TimeElapsedColumn())
            with Progress(*columns, console=console.people, transient=True) as bar:
                task = bar.add_task("replay", total=total, at="", events=0, rate="")

                def show(progress: history.Progress) -> None:
                    elapsed = bar.tasks[0].elapsed or 0.0
                    rate = f"{progress.events / elapsed:,.0f}/s" if elapsed else ""
                    bar.update(
                        task, completed=progress.read_bytes, at=iso(progress.at)[:10], events=progress.events, rate=rate
                    )

                done = history.replay_files(
                    run, files, configuration.vocabulary, wall=tolerant_wall(),
                    on_events=books or (lambda events: None), on_dead=bury, on_progress=show,
                )  # fmt: skip
            if books is not None:
                books.finish()
        except (DatabaseError, SourceError) as error:
            console.people.print(f"[red]error[/] {error}", soft_wrap=True)
            raise typer.Exit(console.EXIT_REFUSED) from None
    bury.tell()
    console.say(
        {
            "events": done.events, "dead_letters": done.dead, "accounts": len(run.accounts),
            "duplicates": sum(account.duplicates for account in run.accounts.values()),
            "too_old": sum(account.too_old for account in run.accounts.values()),
            "triggers": run.triggers, "until": iso(done.at) if done.at else None,
        }
    )  # fmt: skip


class _Graves:
    """Takes dead letters: all to the file, the first few to the terminal."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._buried = 0

    def __call__(self, letter: DeadLetter) -> None:
        self._buried += 1
        if self._out is not None:
            self._out.write(json.dumps(letter.to_json(), ensure_ascii=False) + "\n")
        if self._buried <= DEAD_SHOWN_MAX:
            console.people.print(
                f"[yellow]refused[/] {letter.position}: {letter.field}: {letter.message}",
                highlight=False,
                soft_wrap=True,
            )

    def tell(self) -> None:
        """Say how many were not shown."""
        if self._buried > DEAD_SHOWN_MAX:
            more = "" if self._out is not None else "; --dead-letters FILE keeps them all"
            console.people.print(f"[yellow]refused[/] {self._buried} lines in all{more}")


def _open(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        console.people.print(f"[red]error[/] {path}: can't be written: {error.strerror}", soft_wrap=True)
        raise typer.Exit(console.EXIT_REFUSED) from None


def _writer(out: TextIO | None) -> Any:
    if out is None:
        return lambda trigger: None
    return lambda trigger: out.write(json.dumps(trigger, ensure_ascii=False, separators=(",", ":")) + "\n")


def _write_scores(out: TextIO | None, scores: Iterator[Score]) -> None:
    assert out is not None  # only called with one
    for score in scores:
        out.write(json.dumps(score.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n")
