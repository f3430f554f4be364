"""`accountpulse forecast`: NRR of the coming quarters, and how well such forecasts went so far."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.commands.options import VocabularyFile
from streams.commands.reports import AsCsv, AsJson, Data, Files, ScorecardFile, opened, put_out

if TYPE_CHECKING:
    from scorecard.report.foretold import Foretold


def forecast(
    files: Files = None,
    data: Data = None,
    quarters: Annotated[int, typer.Option(help="Quarters ahead.", min=1, max=4)] = 4,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """NRR of the coming quarters with an interval, the naive forecast beside it, and the accuracy of both so far.

    Exit code 2 when files, data or the scorecard can't be used.
    """
    with opened(files, data, scorecard, vocabulary) as source:
        from scorecard.report.foretold import foretell

        found = foretell(source, quarters)
        put_out(found.to_json(), lambda out: _show(out, found), as_json=as_json, as_csv=as_csv)


def _show(out: Console, found: "Foretold") -> None:
    told = found.forecast
    table = Table("quarter", title="Net revenue retention by quarter", title_justify="left")
    for heading in ("NRR", f"{told.level:.0%} interval", "naive"):
        table.add_column(heading, justify="right")
    for period, one in found.past:
        table.add_row(period.label, "-" if one.value is None else f"{float(one.value):.1%}", "", "")
    table.add_section()
    for period, step in zip(found.coming, told.steps, strict=False):
        table.add_row(
            period.label, f"{step.value:.1%}", f"{step.low:.1%} to {step.high:.1%}", f"{step.naive:.1%}", style="bold"
        )
    out.print(table)
    if told.reason is not None:
        out.print(f"No forecast: {told.reason}.", highlight=False)
        return
    accuracy = told.accuracy
    assert accuracy is not None  # where there are steps
    covered = "" if accuracy.covered is None else f"; {accuracy.covered:.0%} of the values lay within the interval"
    out.print(
        f"Method: {told.method}. So far, over {accuracy.origins} quarters, it was off by {100 * accuracy.error:.1f}"
        f" points on average, the naive forecast by {100 * accuracy.naive_error:.1f}{covered}.",
        highlight=False,
    )
