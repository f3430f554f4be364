"""`accountpulse attribution`: expansion shared out among the programmes that touched it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

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
    days_of,
    head,
    issues_of,
    opened,
    period_of,
    put_out,
)

if TYPE_CHECKING:
    from scorecard.report.attributed import Attributed


class AttributionModel(StrEnum):
    """How a movement is shared out."""

    last_touch = "last-touch"
    linear = "linear"
    time_decay = "time-decay"
    position = "position"
    lift = "lift"


def attribution(
    files: Files = None,
    data: Data = None,
    period: PeriodText = None,
    model: Annotated[AttributionModel | None, typer.Option(help="One model. Default: all, side by side.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Expansion of a period, shared out among the programmes that touched it before; each model adds up to the cent.

    Exit code 2 when files, data or the scorecard can't be used.
    """
    with opened(files, data, scorecard, vocabulary) as source:
        from scorecard.attribution import Model
        from scorecard.report.attributed import attribute
        from scorecard.report.clg import measure
        from scorecard.report.clg_json import attributed

        asked, currency = period_of(source, period), source.settings.currency
        models = [*Model] if model is None else [Model(model.value)]
        lift = measure(source, asked) if Model.LIFT in models else None
        found = attribute(source, asked, models, lift)
        rows = [{**head(source, asked), **attributed(one, asked.label, currency)} for one in found]
        title = days_of(asked, source.today())
        put_out(
            rows, lambda out: _attribution(out, found, title, currency), as_json=as_json, as_csv=as_csv,
            beside=issues_of(source), sheet=lambda: _sheet(rows),
        )  # fmt: skip


def _sheet(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each programme of a model, and one for all of them together."""
    found = []
    for row in rows:
        about = {name: value for name, value in row.items() if name not in ("programmes", "total")}
        found += [
            {"kind": "programme", **about, "programme": name, "amount": amount}
            for name, amount in row["programmes"].items()
        ]
        found.append({"kind": "total", **about, "amount": row["total"]})
    return found


def _attribution(out: Console, found: Sequence["Attributed"], title: str, currency: str) -> None:
    from streams.scorecard.shown import money

    table = Table("programme", title=f"Expansion attributed {title}", title_justify="left")
    for one in found:
        table.add_column(one.model.value, justify="right")
    for name in dict.fromkeys(name for one in found for name in one.programmes):
        table.add_row(name, *(money(one.programmes.get(name, 0), currency, exact=True) for one in found))
    table.add_section()
    table.add_row("all", *(money(one.total, currency, exact=True) for one in found), style="bold")
    out.print(table)
    if reason := next((one.reason for one in found), None):
        out.print(f"Nothing is shared out: {reason}.", highlight=False)
        return
    out.print(
        "Attribution shares out what happened; it does not say what would have happened otherwise.", highlight=False
    )
