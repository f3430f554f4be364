"""`accountpulse scorecard`: the two views of the figures, and the check of the file that steers them."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from scoring.document import DocumentError
from streams import console
from streams.commands.cohort import accounts
from streams.commands.options import VocabularyFile
from streams.commands.reports import (
    AsCsv,
    AsJson,
    By,
    Data,
    Files,
    PeriodText,
    ScorecardFile,
    days_of,
    dimensions,
    head,
    issues_of,
    opened,
    period_of,
    put_out,
)
from streams.commands.series import series
from streams.configuration import text_of

if TYPE_CHECKING:
    from scorecard.figure import Figure
    from scorecard.report.line import Line
    from scorecard.report.scorecard import Scorecard
    from scorecard.report.source import Source
    from scorecard.settings.file import ScorecardFile as Settings

SHOW = "show"


class Default(TyperGroup):
    """`accountpulse scorecard ...` is `accountpulse scorecard show ...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before whatever is not the name of one."""
        if not args or args[0] not in (*self.commands, "--help"):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


scorecard_app = typer.Typer(
    cls=Default, help="The scorecard: figures of cohorts, with targets and trend. Without a command: show."
)


class View(StrEnum):
    """For whom."""

    executive = "executive"
    operational = "operational"


@scorecard_app.command(SHOW)
def show(
    files: Files = None,
    data: Data = None,
    period: PeriodText = None,
    by: By = None,
    view: Annotated[
        View, typer.Option(help="The few figures for who decides, or all for who works with them.")
    ] = View.executive,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """The figures of a period: executive (a few, with target, trend, best and worst cohort) or operational (all, by
    cohort).

    Of a service's data, or directly of a history. Exit code 2 when files, data or the scorecard can't be used.
    """
    with opened(files, data, scorecard, vocabulary) as source:
        from scorecard.report.scorecard import executive, operational
        from scorecard.report.telling import shown

        asked, names = period_of(source, period), dimensions(source, by)
        about = head(source, asked)
        if view is View.executive:
            found = executive(source, asked, names)
            shown(source, found)
            rows = [{**about, **line} for line in _rows(found, source.settings)]
            put_out(
                rows, lambda out: _executive(out, found, source), as_json=as_json, as_csv=as_csv,
                beside=issues_of(source), sheet=lambda: _sheet(rows),
            )  # fmt: skip
            return
        from scorecard.report.view_json import details
        from streams.scorecard import detail_tables

        found = operational(source, asked, names)
        shown(source, found)
        beside = details(source, asked)
        rows = [{**about, **line} for line in _rows(found, source.settings)]
        rows += [{**about, "detail": name, **one} for name, some in beside.items() for one in some]

        def tables(out: Console) -> None:
            _operational(out, found, source)
            detail_tables.show(out, beside)

        put_out(rows, tables, as_json=as_json, as_csv=as_csv, beside=issues_of(source), sheet=lambda: _sheet(rows))


KINDS = {"features": "feature", "products": "products_held", "stages": "stage", "foretold": "sign"}
"""What one row is of the details that stand beside the figures."""


def _sheet(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each figure and each detail; a stage names its metrics, which have rows of their own."""
    return [
        {"kind": KINDS[row["detail"]] if "detail" in row else "figure"}
        | {name: value for name, value in row.items() if name not in ("detail", "metrics")}
        | ({"metrics": [one["id"] for one in row["metrics"]]} if "metrics" in row else {})
        for row in rows
    ]


def _rows(found: "Scorecard", settings: "Settings") -> list[dict[str, Any]]:
    told = {line.figure.id for line in found.lines}
    agreed = [line for line in found.agreed(settings) if line.figure.id not in told]
    return [line.to_json(settings.currency) for line in (*found.lines, *agreed)]


def _executive(out: Console, found: "Scorecard", source: "Source") -> None:
    """A page for who decides."""
    from streams.scorecard.shown import made_of, number, value

    settings = source.settings
    table = Table("", title=f"Scorecard {days_of(found.period, source.today())}", title_justify="left")
    for heading in ("value", "made of", "n", "target", f"before ({found.before.label})"):
        table.add_column(heading, justify="right")
    for heading in (f"best {' and '.join(found.by)}", f"worst {' and '.join(found.by)}"):
        table.add_column(heading)
    groups = (settings.executive.adoption, settings.executive.retention, settings.executive.advocacy)
    for group in groups:
        for line in found.lines:
            if line.figure.id in group:
                before = "" if line.before is None else number(line.figure.id, line.before.value, settings.currency)
                table.add_row(
                    _title(line), value(line.figure, settings.currency), made_of(line.figure, settings.currency),
                    f"{line.figure.n:,}", _target(line, settings.currency), Text.assemble(before, " ", _trend(line)),
                    *_ends(line, found.by, settings.currency),
                )  # fmt: skip
        table.add_section()
    out.print(table)
    _footer(out, found, source)


def _operational(out: Console, found: "Scorecard", source: "Source") -> None:
    """Every figure, by cohort."""
    from scorecard.report.scorecard import ENDS_BY
    from streams.scorecard.shown import interval, made_of, value

    currency = source.settings.currency
    table = Table(
        "id", "figure", *found.by, title=f"Scorecard {days_of(found.period, source.today())}", title_justify="left"
    )
    for heading in ("value", "made of", "interval", "n", "target", "trend"):
        table.add_column(heading, justify="right")
    among = found.by or ENDS_BY
    table.add_column(f"best and worst {' and '.join(among)}")
    table.add_column("owner")
    shown: object = None
    for line in found.lines:
        if shown is not None and line.cohort != shown:
            table.add_section()
        shown = line.cohort
        cells = (line.cohort.get(name, "") for name in found.by)
        told = value(line.figure, currency) if line.figure.reason is None else f"- ({line.figure.reason})"
        table.add_row(
            line.figure.id, _title(line), *cells, told, made_of(line.figure, currency), interval(line.figure, currency),
            f"{line.figure.n:,}", _target(line, currency), _trend(line),
            Text("\n").join(filter(None, _ends(line, among, currency))),
            _owner(line),
        )  # fmt: skip
    out.print(table)
    _footer(out, found, source)


def _footer(out: Console, found: "Scorecard", source: "Source") -> None:
    from scorecard.efficiency import is_capped

    missing = [
        f"{line.figure.id} ({line.figure.reason})" for line in found.lines if line.figure.reason and not line.cohort
    ]
    attained = found.attainment
    told = attained.reason or f"{attained.numerator} of {attained.denominator}"
    out.print(
        f"Targets met: {told}. Amounts in {source.settings.currency}, at the rates of the period's start.",
        highlight=False,
    )
    years = source.settings.economics.lifetime_years_max
    if any(line.figure.id == "E1" and is_capped(line.figure, years) for line in found.lines):
        out.print(f"Where accounts leave so seldom that they would stay longer, LTV counts {years} years.", style="dim")
    if missing:
        out.print(f"Without a value: {'; '.join(missing)}", highlight=False, style="dim")
    whole = [line for line in found.lines if not line.cohort]
    _reasons(out, "a trend", [(line.figure.id, line.no_trend) for line in whole if line.figure.value is not None])
    _reasons(out, "a best and a worst", [(line.figure.id, line.ends.reason) for line in whole if line.ends is not None])


def _reasons(out: Console, lacking: str, found: Sequence[tuple[str, str | None]]) -> None:
    """Figures that lack something, by the reason."""
    reasons: dict[str, list[str]] = {}
    for figure, reason in found:
        if reason is not None:
            reasons.setdefault(reason, []).append(figure)
    for reason, figures in reasons.items():
        out.print(f"Without {lacking}: {', '.join(figures)} ({reason})", highlight=False, style="dim")


def _title(line: "Line") -> str:
    from scorecard.catalogue import entry_of

    return entry_of(line.figure.id).figures[line.figure.id].title


def _owner(line: "Line") -> str:
    from scorecard.catalogue import entry_of

    return entry_of(line.figure.id).owner


def _target(line: "Line", currency: str) -> Text:
    from streams.scorecard.shown import number

    if line.held is None:
        return Text()
    bound = ">=" if line.held.target.at_least is not None else "<="
    style = {True: "green", False: "red", None: "dim"}[line.held.met]
    return Text(f"{bound} {number(line.figure.id, line.held.goal, currency)}", style)


TREND_STYLES = {"better": "green", "worse": "red"}


def _trend(line: "Line") -> Text:
    return Text(line.trend, TREND_STYLES.get(line.trend, ""))


def _ends(line: "Line", by: Sequence[str], currency: str) -> tuple[Text, Text]:
    """The best and the worst cohort of the dimensions `by`, or of others, which are said."""
    from streams.scorecard.shown import interval, value

    ends = line.ends
    if ends is None or ends.best is None or ends.worst is None:
        return Text(), Text()
    of = "" if ends.dimensions == by else f"{' and '.join(ends.dimensions)} "

    def told(cohort: Sequence[str], figure: "Figure") -> Text:
        within = interval(figure, currency)
        return Text(f"{of}{', '.join(cohort)}: {value(figure, currency)}{within and f' ({within})'}")

    return told(*ends.best), told(*ends.worst)


scorecard_app.command("accounts")(accounts)
scorecard_app.command("series")(series)

ToCheck = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files, YAML.")]


@scorecard_app.command("check")
def check(files: ToCheck) -> None:
    """Check scorecards. Prints a JSON line for each; exit code 1 when one has problems, each told with file, line, key,
    value.
    """
    from scorecard.settings.file import load_scorecard

    bad = False
    for path in files:
        try:
            text, file = text_of(path, "")
            found = load_scorecard(text, file=file)
            console.say({"file": str(path), "ok": True, "currency": found.currency, "targets": len(found.targets)})
        except DocumentError as error:
            bad = True
            console.say({"file": str(path), "ok": False, "problems": [problem._asdict() for problem in error.problems]})
            console.show_problems(error)
    if bad:
        raise typer.Exit(console.EXIT_PROBLEMS)


@scorecard_app.command("schema")
def schema() -> None:
    """The JSON Schema of a scorecard, for editors."""
    from scorecard.settings.file import ScorecardFile as Model

    console.say(Model.model_json_schema())
