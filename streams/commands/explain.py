"""`accountpulse explain`: why an account's score is what it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from plays.explanation import Explanation
from plays.explanation import explain as explained
from scoring.days import iso
from scoring.event import Event
from streams import console
from streams.commands.options import ProfileFile, VocabularyFile, configured, moment, tolerant_wall, wall_clock
from streams.configuration import Configuration
from streams.source import SourceError, read
from streams.wire import decode


def explain(
    account: Annotated[str, typer.Argument(help="The account's id.")],
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE...]", help="Its history, JSON lines of the Segment spec.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Instead of files: the data directory of `accountpulse serve`.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="As of this instant (ISO 8601). Default: now, or the last arrival in the files.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Explain the change since this instant. Default: 30 days before.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line instead of tables.")] = False,
    profile: ProfileFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """The score as a sum, its change as a sum, and the events behind both.

    Exit code 1 when nothing is known of the account by then, 2 when files, data or configuration can't be used.
    """
    if bool(files) == (data is not None):
        raise typer.BadParameter("give either FILE... or --data DIR")
    configuration = configured(profile, None, vocabulary)
    try:
        events = list(
            _events(account, files or [], configuration) if data is None else _logged(account, data, configuration)
        )
    except SourceError as error:
        console.error(error)
        raise typer.Exit(console.EXIT_REFUSED) from None
    end = moment(at)
    if end is None:
        end = wall_clock() if data is not None else max((event.arrived for event in events), default=0.0)
    found = explained(configuration.engine(), account, events, at=end, since=moment(since))
    if found is None:
        console.people.print(f"nothing is known of account {account!r} by {iso(end)}", markup=False)
        raise typer.Exit(console.EXIT_PROBLEMS)
    if as_json:
        console.say(found.to_json())
    else:
        show(found)


def _events(account: str, files: list[str], configuration: Configuration) -> Iterator[Event]:
    for file in files:
        for chunk in read(file):
            decoded = decode(chunk.lines, vocabulary=configuration.vocabulary, wall=tolerant_wall(), place=chunk.place)
            yield from (event for event in decoded.events if event.account_id == account)


def _logged(account: str, data: Path, configuration: Configuration) -> Iterator[Event]:
    from streams.embedded.reader import Reader  # the service's database is opened only when it is asked for

    if not data.is_dir():
        raise SourceError(f"{data}: no such directory")
    reader = Reader(data, configuration.vocabulary)
    try:
        yield from reader.events(account)
    finally:
        reader.close()


def show(found: Explanation) -> None:
    """The explanation as tables on stdout."""
    from rich.console import Console
    from rich.text import Text

    # Names come from events: what looks like markup in them is part of the name.
    out, now = Console(markup=False, emoji=False), found.now
    out.print(
        Text(now.account_id, "bold"),
        f" {now.score} of 100, {now.band}  (0 is bad, 100 is good)  as of {iso(now.at)}\n"
        f"coverage {now.coverage:.0%}, confidence {now.confidence:.0%}, profile {now.profile}, "
        f"stage {now.stage or 'unknown'}, segment {now.segment or 'unknown'}",
    )
    parts = Table("dimension", "metric", title="The score as a sum", title_justify="left")
    for heading in ("value", "scaled", "weight", "points"):
        parts.add_column(heading, justify="right")
    for c in now.contributions:
        value = "" if c.value is None else f"{c.value:,.4g} {c.unit}"
        parts.add_row(c.dimension, c.metric, value, f"{c.scaled:.0f}", f"{c.weight:.1%}", f"{c.points:.2f}")
    parts.add_section()
    parts.add_row("", "score", "", "", "", "" if now.score is None else f"{now.score:.2f}", style="bold")
    out.print(parts)
    if now.missing:
        out.print("missing: " + ", ".join(f"{metric} ({reason})" for metric, reason in now.missing), highlight=False)
    moved = Table("metric", title=f"The change since {iso(found.since)}", title_justify="left")
    moved.add_column("points", justify="right")
    moved.add_column("events behind it")
    for metric, points in found.moved.items():
        behind = "; ".join(f"{b.arrived} x {b.event} by {b.users} users" for b in found.behind.get(metric, ()))
        moved.add_row(metric, f"{points:+.2f}", behind or "time: nothing arrived for it")
    if now.score is not None and found.before.score is not None:
        moved.add_section()
        moved.add_row(
            f"{found.before.score:.2f} -> {now.score:.2f}",
            f"{now.score - found.before.score:+.2f}",
            f"{found.events} events since",
            style="bold",
        )
    out.print(moved)
