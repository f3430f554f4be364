"""`accountpulse issues`: events that could not be counted as they are, and why."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.commands.options import VocabularyFile
from streams.commands.reports import AsCsv, AsJson, Data, Files, ScorecardFile, opened, put_out

if TYPE_CHECKING:
    from scorecard.model.rows import IssueCount, Itemised
    from scorecard.report.source import Source


def issues(
    files: Files = None,
    data: Data = None,
    account: Annotated[str | None, typer.Option("--account", help="Only of the account with this id.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Only those for this reason.")] = None,
    settled: Annotated[bool, typer.Option("--settled", help="Also what was put right since.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.", min=1)] = 100,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Events of revenue, touchpoints and spending that could not be counted as they are: which field, what stands
    there, what is allowed; the newest first, under how many there are for each reason.

    Exit code 2 when files, data or the scorecard can't be used.
    """
    from scorecard.issue import REASONS

    if reason is not None and reason not in REASONS:
        raise typer.BadParameter(f"--reason {reason!r}: allowed: {', '.join(REASONS)}")
    with opened(files, data, scorecard, vocabulary, note_issues=False) as source:
        from scorecard.report.ledger_json import issue_row

        found, more = _found(source, account, reason, settled=settled, limit=limit)
        counts = source.issues()
        put_out(
            [issue_row(one) for one in found], lambda out: _show(out, counts, found, more=more), as_json=as_json,
            as_csv=as_csv,
        )  # fmt: skip


def _found(
    source: "Source", account: str | None, reason: str | None, *, settled: bool, limit: int
) -> "tuple[list[Itemised], bool]":
    """The newest, and whether there are more."""
    from scorecard.model.pages import LIMIT_MAX

    found: list[Itemised] = []
    after = None
    while len(found) < limit:
        page = source.model.issues(
            account_id=account, reason=reason, settled=settled, after=after, limit=min(limit - len(found), LIMIT_MAX)
        )
        found += page.rows
        after = page.next
        if after is None:
            break
    return found, after is not None


def _show(out: Console, counts: "Sequence[IssueCount]", found: "Sequence[Itemised]", *, more: bool) -> None:
    from scorecard.issue import REASONS

    table = Table("reason", title="Issues by reason", title_justify="left")
    for heading in ("events", "accounts"):
        table.add_column(heading, justify="right")
    table.add_column("what is done about it")
    for one in counts:
        table.add_row(one.reason, f"{one.events:,}", f"{one.accounts:,}", REASONS[one.reason])
    out.print(table)
    if not found:
        out.print("No issues.", highlight=False)
        return
    headings = ("account", "message", "reason", "field", "value", "what is allowed")
    table = Table(*headings, title="Issues, the newest first", title_justify="left")
    for row in found:
        table.add_row(row.account_id, row.message_id, row.reason, row.field, row.value, row.message)
    out.print(table)
    if more:
        out.print(f"The newest {len(found):,}; more with --limit, or of one --account or --reason.", style="dim")
