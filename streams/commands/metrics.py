"""`accountpulse metrics`: the catalogue, with where each metric is now and its target."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from streams.commands.options import VocabularyFile
from streams.commands.reports import (
    AsCsv,
    AsJson,
    Data,
    Files,
    PeriodText,
    ScorecardFile,
    head,
    opened,
    period_of,
    put_out,
)

if TYPE_CHECKING:
    from scorecard.report.line import Line


def metrics(
    files: Files = None,
    data: Data = None,
    period: PeriodText = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Every metric: definition, formula, unit, source stream, owner, review cadence; with files or data where it is now
    and its target.

    Exit code 2 when files, data or the scorecard can't be used.
    """
    if not files and data is None and (period or scorecard or vocabulary):
        raise typer.BadParameter("--period, --scorecard and --vocabulary go with FILE... or --data DIR")
    if not files and data is None:
        _put_out({}, "", {}, as_json=as_json, as_csv=as_csv)
        return
    with opened(files, data, scorecard, vocabulary) as source:
        from scorecard.report.scorecard import operational

        asked = period_of(source, period)
        now = {line.figure.id: line for line in operational(source, asked).lines}
        _put_out(now, source.settings.currency, head(source, asked), as_json=as_json, as_csv=as_csv)


def _put_out(now: "Mapping[str, Line]", currency: str, about: dict[str, Any], *, as_json: bool, as_csv: bool) -> None:
    rows = [*_rows(now, currency, about)]
    put_out(
        rows, lambda out: _show(out, now, currency, about.get("period", "")), as_json=as_json, as_csv=as_csv,
        sheet=lambda: [*_sheet(rows)],
    )  # fmt: skip


def _rows(now: "Mapping[str, Line]", currency: str, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from scorecard.catalogue import catalogue

    for metric, entry in catalogue().items():
        figures = []
        for figure, part in entry.figures.items():
            told: dict[str, Any] = {
                "id": figure,
                "title": part.title,
                "unit": entry.unit_of(figure),
                "good": entry.good_of(figure),
            }
            if figure in now:
                line = now[figure].to_json(currency)
                told |= {name: line[name] for name in ("value", "reason", "n", "low", "high", "target", "met", "trend")}
            figures.append(told)
        yield {
            "id": metric, "title": entry.title, "definition": entry.definition, "formula": entry.formula,
            "unit": entry.unit, "streams": list(entry.streams), "owner": entry.owner, "review": entry.review,
            "good": entry.good, "traps": entry.traps, **about, "figures": figures,
        }  # fmt: skip


def _sheet(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each figure, with what is told of its metric."""
    for row in rows:
        metric = {name: value for name, value in row.items() if name not in ("id", "figures")}
        for figure in row["figures"]:
            yield {"kind": "figure", "metric": row["id"], **metric, "metric_title": row["title"], **figure}


def _show(out: Console, now: "Mapping[str, Line]", currency: str, label: str) -> None:
    from scorecard.catalogue import catalogue
    from streams.scorecard.shown import number, value

    title = f"The metric catalogue, as of {label}" if label else "The metric catalogue"
    table = Table("id", "metric", "definition", "unit", "streams", "owner", "review", title=title, title_justify="left")
    if now:
        table.add_column("now", justify="right")
        table.add_column("target", justify="right")
    for metric, entry in catalogue().items():
        cells = [
            metric, entry.title, entry.definition, entry.unit, ", ".join(entry.streams), entry.owner, entry.review
        ]  # fmt: skip
        if now:
            line = now.get(metric)
            goal = None if line is None or line.held is None else number(metric, line.held.goal, currency)
            cells += ["" if line is None else value(line.figure, currency), goal or ""]
        table.add_row(*cells)
    out.print(table)
    out.print(
        "Formulas, traps and the figures of a metric: --json or --csv, or docs/reference/catalogue.md.", style="dim"
    )
