"""`accountpulse reconcile`: figures from other teams' reports against the one formula."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams import console
from streams.commands.options import VocabularyFile
from streams.commands.reports import AsCsv, AsJson, Data, ScorecardFile, opened, put_out
from streams.configuration import text_of

if TYPE_CHECKING:
    from scorecard.reconcile import Reconciliation


def reconcile(
    report: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with the head source,metric,period,value,cohort; or JSON lines.")
    ],
    history: Annotated[
        list[str] | None, typer.Option(help="A history, JSON lines of the Segment spec; several may be given.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Which reported figures of NRR, GRR and logo retention agree with the one formula, and of those that differ by how
    much and the likeliest reason. With --data the result counts for the metric C7 of the service.

    Exit code 1 when a figure differs, 2 when files, data or the scorecard can't be used.
    """
    from scorecard.report.handed_in import judged, read_reports, to_json

    with console.refusing():
        text, file = text_of(report, "")
        reports = read_reports(text, file=file)
    with opened(history, data, scorecard, vocabulary) as source:
        found = judged(source, reports)
        if data is not None:
            source.reports.hand_in(found.findings, datetime.now(UTC).date())
        rows = to_json(found)

        def sheet() -> list[dict[str, Any]]:
            return [{**row, "causes": [cause["id"] for cause in row["causes"]]} for row in rows]

        put_out(rows, lambda out: _show(out, found), as_json=as_json, as_csv=as_csv, sheet=sheet)
    if any(one.agrees is False for one in found.findings):
        raise typer.Exit(console.EXIT_PROBLEMS)


def _show(out: Console, found: "Reconciliation") -> None:
    table = Table("report", "metric", "period", "cohort", title="Reported figures", title_justify="left")
    for heading in ("reported", "ours"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for one in found.findings:
        ours = "-" if one.ours is None or one.ours.value is None else f"{float(100 * one.ours.value):.2f} %"
        style = {True: "green", False: "red", None: "yellow"}[one.agrees]
        reported = one.reported
        table.add_row(
            reported.source, reported.metric, reported.period, reported.cohort or "everybody", reported.text, ours,
            Text(one.sentence, style),
        )  # fmt: skip
    out.print(table)
    share = found.consistency
    told = share.reason or f"{share.numerator} of {share.denominator} figures of NRR agree"
    out.print(f"Consistency (C7): {told}.", highlight=False)
