"""`accountpulse scorecard series`: figures over the last weeks, months or quarters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scorecard.every import PERIODS, Every
from streams.commands.options import VocabularyFile
from streams.commands.reports import AsCsv, AsJson, By, Data, Files, ScorecardFile, dimensions, opened, put_out
from streams.scorecard.named import named

if TYPE_CHECKING:
    from scorecard.report.series import Point


def series(
    files: Files = None,
    data: Data = None,
    figure: Annotated[
        str | None, typer.Option("--figure", help="Ids of figures, with commas. Default: those of the executive view.")
    ] = None,
    every: Annotated[Every, typer.Option(help="How long each period is.")] = Every.MONTH,
    periods: Annotated[int, typer.Option(help="So many whole ones, up to now.")] = PERIODS,
    by: By = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Figures of the periods that are over, oldest first, of everybody and by cohort.

    Exit code 2 when files, data or the scorecard can't be used.
    """
    from scorecard.report.series import series as over

    with opened(files, data, scorecard, vocabulary) as source:
        wanted, names = named(figure) or source.settings.executive.figures, dimensions(source, by)
        try:
            found = over(source, every, periods, wanted, names)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        currency = source.settings.currency
        rows = [one.to_json(currency) for one in found]
        put_out(rows, lambda out: _show(out, found, names, currency), as_json=as_json, as_csv=as_csv)


def _show(out: Console, found: "Sequence[Point]", names: Sequence[str], currency: str) -> None:
    """A row for each figure of a cohort, a column for each period."""
    from streams.scorecard.shown import NONE, value

    labels = sorted({one.period.label: one.period.start for one in found}.items(), key=lambda item: item[1])
    table = Table("id", *names, title="Figures by period", title_justify="left")
    for label, _ in labels:
        table.add_column(label, justify="right")
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    for one in found:
        key = one.figure.id, *(one.cohort.get(name, "all") for name in names)
        lines.setdefault(key, {})[one.period.label] = value(one.figure, currency)
    for key, told in lines.items():
        table.add_row(*key, *(told.get(label, NONE) for label, _ in labels))
    out.print(table)
