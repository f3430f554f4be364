"""`accountpulse scorecard accounts`: from a figure down to the accounts behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from streams import console
from streams.commands.options import PlaysFile, ProfileFile, VocabularyFile, configured
from streams.commands.reports import (
    AsCsv,
    AsJson,
    Data,
    Files,
    PeriodText,
    ScorecardFile,
    days_of,
    dimensions,
    head,
    opened,
    period_of,
    put_out,
)

if TYPE_CHECKING:
    from scorecard.period import Period
    from scorecard.report.drill import Account, Work
    from scorecard.report.source import Source

CohortText = Annotated[
    list[str] | None, typer.Option("--cohort", help="dimension:value, such as segment:smb; several narrow it down.")
]


def accounts(
    files: Files = None,
    data: Data = None,
    period: PeriodText = None,
    cohort: CohortText = None,
    limit: Annotated[int, typer.Option(help="At most so many accounts.", min=1)] = 100,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    profile: ProfileFile = None,
    plays: PlaysFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """The accounts of a cohort: what each adds to the figures, its owner, open plays and the next action.

    Plays are those of a data directory. Exit code 2 when files, data or the scorecard can't be used.
    """
    pairs = [_pair(one) for one in cohort or ()]
    with opened(files, data, scorecard, vocabulary) as source, _work(data, profile, plays) as work:
        dimensions(source, ",".join(dimension for dimension, _ in pairs))
        asked = period_of(source, period)
        found = _found(source, asked, dict(pairs), work, limit)
        title = f"Accounts {', '.join(cohort or ())} {days_of(asked, source.today())}".replace("  ", " ")
        rows = [{**head(source, asked), **one.to_json(source.settings.currency)} for one in found]

        from streams.scorecard.detail_tables import show_accounts

        def tables(out: Console) -> None:
            show_accounts(out, found, title, source.settings.currency)

        def sheet() -> list[dict[str, Any]]:
            return [{**row, "open_plays": [task["play"] for task in row["open_plays"]]} for row in rows]

        put_out(rows, tables, as_json=as_json, as_csv=as_csv, sheet=sheet)
        if reason := source.unbegun(asked):
            console.note(f"no accounts: {reason}")


def _pair(text: str) -> tuple[str, str]:
    dimension, colon, value = text.partition(":")
    if not colon or not dimension:
        raise typer.BadParameter(f"--cohort {text!r}: write dimension:value, such as segment:smb")
    return dimension, value


def _found(source: "Source", period: "Period", cohort: dict[str, str], work: "Work", limit: int) -> "list[Account]":
    from scorecard.model.pages import LIMIT_MAX
    from scorecard.report import drill

    found: list[Account] = []
    after = None
    while len(found) < limit:
        page = drill.accounts(source, period, cohort, work, after=after, limit=min(limit - len(found), LIMIT_MAX))
        found += page.rows
        after = page.next
        if after is None:
            break
    return found


@contextmanager
def _work(data: str | None, profile: Path | None, plays: Path | None) -> "Iterator[Work]":
    """The open plays of a data directory; none of files, of a database, or of what a service on Kafka keeps."""
    from scorecard.report.drill import nobody
    from streams.embedded.reader import Reader
    from streams.embedded.schema import FILE_NAME
    from streams.embedded.tasks import Tasks

    if data is None or not (Path(data) / FILE_NAME).exists():
        yield nobody
        return
    configuration = configured(profile, plays, None)
    reader = Reader(Path(data), configuration.vocabulary)
    try:
        yield Tasks(reader, configuration.playbook)
    finally:
        reader.close()
