"""What the commands of the scorecard share: where figures come from, and how they go out."""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from streams import console
from streams.commands.options import tolerant_wall
from streams.configuration import text_of
from streams.scorecard.named import named

if TYPE_CHECKING:
    from plays.cohort import CohortPlays
    from scorecard.period import Period
    from scorecard.report.source import Source
    from scorecard.settings.file import ScorecardFile as Settings
    from streams.dead_letter import DeadLetter

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE...]", help="A history, JSON lines of the Segment spec, plain, .gz or .zst."),
]
Data = Annotated[
    str | None,
    typer.Option("--data", help="Instead of files: the data directory of `accountpulse serve`, or a read model."),
]
ScorecardFile = Annotated[
    Path | None,
    typer.Option("--scorecard", help="Scorecard (YAML). Default: that of --data, else the one that is shipped."),
]
PeriodText = Annotated[
    str | None,
    typer.Option("--period", help="2026-Q3, 2026-07, 2026, 12m to 2026-07, ... Default: the last whole quarter."),
]
By = Annotated[str | None, typer.Option("--by", help="Dimensions of cohorts, with commas: segment,industry.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of tables.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV instead of tables.")]

Row = Mapping[str, Any]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula: names come from events, and one may be written to run there.
Source: OWASP, "CSV injection"; an apostrophe before it says that it is text."""

WIDTH = 150
"""Columns of a table that goes into a file or a pipe."""


def settings_of(path: Path | None) -> "Settings":
    """The scorecard of a file, or the shipped one; exit code 2, with every problem, when it can't be used."""
    from scorecard.settings.file import load_scorecard, shipped_text

    with console.refusing():
        text, file = (shipped_text(), "default_scorecard.yaml") if path is None else text_of(path, "")
        return load_scorecard(text, file=file)


def cohort_plays_of(path: Path, settings: "Settings") -> "CohortPlays":
    """The plays over cohorts of a file; exit code 2, with every problem, when they can't be used."""
    from plays.cohort import load_cohort_plays
    from scorecard.catalogue import figures
    from scorecard.model.terms import PRODUCT
    from streams.scorecard.by import refused
    from streams.scorecard.opening import terms

    with console.refusing():
        text, file = text_of(path, "")
        plays = load_cohort_plays(text, file=file, figures=[*figures()])
    if PRODUCT in plays.by:
        kept = ", ".join(terms(settings).dimensions)
        raise typer.BadParameter(f"{path}: by: {PRODUCT!r}: allowed: {kept}; scorecard.yaml can name more")
    if odd := refused(plays.by, settings):
        raise typer.BadParameter(f"{path}: by: {odd.name!r}: {odd.allowed}")
    return plays


@contextmanager
def opened(
    files: Sequence[str] | None, data: str | None, scorecard: Path | None, vocabulary: Path | None,
    *, note_issues: bool = True,
) -> Iterator["Source"]:  # fmt: skip
    """The figures of files or of a service; exit code 2 when these can't be used. What is not counted in them is said
    under them.
    """
    if bool(files) == (data is not None):
        raise typer.BadParameter("give either FILE... or --data DIR")
    from scorecard.model.database import DatabaseError
    from scorecard.model.model import NotKept
    from streams.configuration import load
    from streams.scorecard.opening import of_files, of_place
    from streams.source import SourceError

    settings = settings_of(scorecard)
    try:
        if data is not None:
            with of_place(data, settings if scorecard else None, settings) as found:
                yield found
                if note_issues:
                    _tell_issues(found)
            return
        with console.refusing():
            known = load(vocabulary=vocabulary).vocabulary
        graves = _Graves()
        with of_files(files or (), settings, known, wall=tolerant_wall(), on_dead=graves) as found:
            graves.tell()
            yield found
            if note_issues:
                _tell_issues(found)
    except (DatabaseError, NotKept, SourceError) as error:
        console.people.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(console.EXIT_REFUSED) from None


def _tell_issues(source: "Source") -> None:
    """A line about what is left out of all figures."""
    from scorecard.issue import NOT_COUNTED

    left_out = [
        f"{one.events:,} events of {one.accounts:,} accounts ({one.reason})"
        for one in source.issues()
        if one.reason in NOT_COUNTED
    ]
    if left_out:
        console.note(f"not counted in any figure: {', '.join(left_out)}; `accountpulse issues` lists them")


class _Graves:
    """Counts refused lines."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, letter: "DeadLetter") -> None:
        self._count += 1

    def tell(self) -> None:
        """Say how many there were."""
        if self._count:
            console.note(f"{self._count} lines were refused and are not in the figures; `accountpulse replay` says why")


def period_of(source: "Source", text: str | None) -> "Period":
    """The period of an option; typer.BadParameter when it is none."""
    try:
        return source.period(text, datetime.now(UTC).date())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def head(source: "Source", period: "Period") -> dict[str, Any]:
    """Of which days the figures of a row are: those of a period that runs, as far as is known."""
    return {"period": period.label, "known_to": str(source.today())}


def issues_of(source: "Source") -> dict[str, Any]:
    """What is not in the figures, or not as it was sent; see `put_out`."""
    from scorecard.report.ledger_json import issue_counts

    return {"issues": issue_counts(source)}


def dimensions(source: "Source", by: str | None) -> tuple[str, ...]:
    """The dimensions of an option; typer.BadParameter for one that is not kept, or is named twice."""
    from streams.scorecard.by import refused

    found = named(by)
    if odd := refused(found, source.settings):
        raise typer.BadParameter(f"--by {odd.name!r}: {odd.allowed}")
    return found


def put_out(
    rows: Sequence[Row], table: Callable[[Console], None], *, as_json: bool, as_csv: bool,
    beside: Row | None = None, sheet: Callable[[], Sequence[Row]] | None = None,
) -> None:  # fmt: skip
    """The rows as JSON lines or CSV, or a table for people; all on stdout.

    beside: what holds for all rows, in each line of JSON. sheet: the rows of CSV, where those of JSON hold rows of
    their own; a `kind` says what each is.
    """
    if as_json and as_csv:
        raise typer.BadParameter("give one of --json and --csv")
    if as_json:
        for row in rows:
            console.say({**row, **(beside or {})})
    elif as_csv:
        flat = [_flat(row) for row in (rows if sheet is None else sheet())]
        writer = csv.DictWriter(
            sys.stdout, list(dict.fromkeys(name for row in flat for name in row)), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(flat)
    else:
        # Names of accounts and cohorts come from events: what looks like markup in them is part of the name.
        width = None if sys.stdout.isatty() else WIDTH
        table(Console(width=width, markup=False, emoji=False))


def _flat(row: Row, before: str = "") -> dict[str, Any]:
    """A row without rows in it: `best.value`. Lists of names become text with commas, and text is text to a
    spreadsheet. TypeError for a list of rows, which has no cell.
    """
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
            continue
        if isinstance(value, list | tuple):
            if any(isinstance(one, Mapping) for one in value):
                raise TypeError(f"{before}{name}: rows in a row; give put_out a sheet")
            cell: Any = ", ".join(map(str, value))
        else:
            cell = value
        found[f"{before}{name}"] = f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
    return found


def days_of(period: "Period", today: date) -> str:
    """The days of a period for a title, and how far it is known."""
    last = period.end - timedelta(days=1)
    running = f", known to {today}" if today < last else ""
    return f"{period.label} ({period.start} to {last}{running})"
