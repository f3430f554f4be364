"""`accountpulse replay`: a history through the engine, as if live."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scoring.days import iso
from scoring.score import Score
from streams import console, history
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured, moment, tolerant_wall
from streams.commands.rebuild import Wanted, rebuild
from streams.commands.reports import ScorecardFile, settings_of
from streams.commands.topics import SettingsFile
from streams.dead_letter import DeadLetter
from streams.replay import Listener, Replay
from streams.source import STDIN, SourceError

if TYPE_CHECKING:
    from streams.scorecard.backfill import Backfill

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
        list[str] | None,
        typer.Argument(
            metavar="FILE...", help="JSON lines of the Segment spec, plain, .gz or .zst; - is standard input."
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(help="Write every known account's score here, at the first instant of each period (UTC)."),
    ] = None,
    every: Annotated[Every | None, typer.Option(help="The period of --scores. Default: month.")] = None,
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
    from_kafka: Annotated[
        bool, typer.Option("--from-kafka", help="Rebuild the workers' records from the input topics; no FILE then.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="With --from-kafka: only what arrived then or later; without it, all there is.")
    ] = None,
    into_namespace: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --from-kafka: where the rebuilt records are kept.")
    ] = None,
    switch: Annotated[
        bool, typer.Option("--switch", help="With --from-kafka: have workers go on from them if nothing differs.")
    ] = False,
    kafka_settings: SettingsFile = None,
) -> None:
    """Run a history through the engine as if it were live: in order of arrival, with time taken from the events.

    Prints one JSON line with what was read and what fired. Exit code 0; 2 when a file or the configuration can't be
    used.

    With --from-kafka, the records of the Kafka runtime are rebuilt beside those of the workers, which go on: nothing is
    published and no play moves. By default under the configuration that the workers run; with files, under these. Then
    all accounts are compared, and one JSON line says how many are the same. Exit code 0 when all are, 1 when not.
    Switch over by --switch, or later by `accountpulse configuration switch`, which asks no comparison.
    """
    given = [*(files or ()), *(one for one in (scores, every, triggers, dead_letters, read_model, scorecard) if one)]
    if from_kafka:
        if given or into_namespace is None:
            raise typer.BadParameter(
                "--from-kafka needs --into-namespace NAME, and takes no FILE, no outputs, no --every and no --scorecard"
            )
        rebuild(Wanted(into_namespace, moment(since), switch=switch), (profile, plays, vocabulary), kafka_settings)
        return
    if not files or since is not None or into_namespace is not None or switch or kafka_settings is not None:
        raise typer.BadParameter(
            "give a FILE, or --from-kafka; --since, --into-namespace, --switch and --kafka-settings go with the latter"
        )
    from scorecard.model.database import DatabaseError

    configuration = configured(profile, plays, vocabulary)
    with ExitStack() as stack:
        outputs = [stack.enter_context(_open(path)) if path else None for path in (scores, triggers, dead_letters)]
        try:
            books = None if read_model is None else stack.enter_context(_books(read_model, scorecard))
        except DatabaseError as error:
            console.error(error)
            raise typer.Exit(console.EXIT_REFUSED) from None
        listener = Listener(
            _writer(outputs[1]),
            None if outputs[0] is None else lambda at, found: _write_scores(outputs[0], found),
            None if books is None else books.begin_month,
        )
        run = Replay(configuration.engine(publishing=False), listener, every=(every or Every.month).value)
        bury = _Graves(outputs[2])
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
            console.error(error)
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


def _books(read_model: str, scorecard: Path | None) -> "AbstractContextManager[Backfill]":
    """The scorecard's read model, to be filled. Its statistics take a second to import, which others need not wait."""
    from streams.scorecard.backfill import backfill

    return backfill(read_model, settings_of(scorecard))


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
            console.line("[yellow]refused[/]", f"{letter.position}: {letter.field}: {letter.message}")

    def tell(self) -> None:
        """Say how many were not shown."""
        if self._buried > DEAD_SHOWN_MAX:
            more = "" if self._out is not None else "; --dead-letters FILE keeps them all"
            console.line("[yellow]refused[/]", f"{self._buried} lines in all{more}")


def _open(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        console.error(f"{path}: can't be written: {error.strerror}")
        raise typer.Exit(console.EXIT_REFUSED) from None


def _writer(out: TextIO | None) -> Any:
    if out is None:
        return lambda trigger: None
    return lambda trigger: out.write(json.dumps(trigger, ensure_ascii=False, separators=(",", ":")) + "\n")


def _write_scores(out: TextIO | None, scores: Iterator[Score]) -> None:
    assert out is not None  # only called with one
    for score in scores:
        out.write(json.dumps(score.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n")
