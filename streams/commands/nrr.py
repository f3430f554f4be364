"""`accountpulse nrr`: retention to the cent, by cohort and month, and of those exposed to programmes beside others."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scoring.days import iso
from streams.commands.options import VocabularyFile, moment
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

if TYPE_CHECKING:
    from scorecard.report.retained import Month, Retained

BARS = ("new", "reactivation", "upsell", "cross_sell", "usage", "contraction", "churn", "fx")


def nrr(
    files: Files = None,
    data: Data = None,
    period: PeriodText = None,
    by: By = None,
    monthly: Annotated[
        int | None, typer.Option(help="Instead: so many whole months, each with the twelve up to it.")
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(help="As it was reported then, ISO 8601: cohorts and merged accounts included."),
    ] = None,
    clg: Annotated[
        bool, typer.Option("--clg", help="Instead: accounts that were exposed to programmes against comparable others.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    scorecard: ScorecardFile = None,
    vocabulary: VocabularyFile = None,
) -> None:
    """Net and gross revenue retention, logo retention and the waterfall to the cent, by cohort.

    With --clg the stratified lift with its interval, balance, placebo, by programme and by cohort; strata without both
    arms are listed. Exit code 2 when files, data or the scorecard can't be used.
    """
    if clg and monthly is not None:
        raise typer.BadParameter("give one of --clg and --monthly")
    if clg and known_at is not None:
        raise typer.BadParameter("--clg compares by what is known now: it takes no --known-at")
    then = moment(known_at)
    if monthly is not None and period is not None:
        raise typer.BadParameter("--monthly is of the last whole months: it takes no --period")
    with opened(files, data, scorecard, vocabulary) as source:
        currency = source.settings.currency
        if clg:
            from scorecard.report.clg import measure
            from scorecard.report.clg_json import measured, of_cohorts
            from scorecard.report.lifted import parts
            from streams.scorecard import lift_tables
            from streams.scorecard.lift_sheet import sheet_of

            asked, names = period_of(source, period), dimensions(source, by)
            try:
                of = parts(source, asked, names) if names else {}
            except ValueError as error:
                raise typer.BadParameter(f"--by {error}") from None
            found = measure(source, asked)

            def shown(out: Console) -> None:
                lift_tables.show(out, found, currency)
                if names:
                    lift_tables.cohorts(out, of, names)

            row = {**head(source, asked), **measured(found, currency), "by": list(names)}
            row["cohorts"] = of_cohorts(of, names, currency)
            put_out(
                [row], shown, as_json=as_json, as_csv=as_csv, beside=issues_of(source), sheet=lambda: [*sheet_of(row)]
            )
            return
        from scorecard.report import retained

        if monthly is not None:
            names = dimensions(source, by)
            try:
                months = retained.monthly(source, monthly, names, then)
            except ValueError as error:
                raise typer.BadParameter(str(error)) from None
            rows = [month.to_json(currency) for month in months]
            put_out(
                rows, lambda out: _monthly(out, months, names, currency), as_json=as_json, as_csv=as_csv,
                beside=issues_of(source),
            )  # fmt: skip
            return
        asked, names = period_of(source, period), dimensions(source, by)
        cohorts = retained.retained(source, asked, names, then)
        title = days_of(asked, source.today()) + ("" if then is None else f", as it was known at {iso(then)}")
        rows = [one.to_json(currency) for one in cohorts]
        put_out(
            rows, lambda out: _cohorts(out, cohorts, names, title, currency), as_json=as_json, as_csv=as_csv,
            beside=issues_of(source),
        )  # fmt: skip


def _cohorts(out: Console, found: Sequence["Retained"], names: Sequence[str], title: str, currency: str) -> None:
    from streams.scorecard.shown import money, value

    table = Table(*(names or ("",)), title=f"Revenue retention {title}", title_justify="left")
    for heading in ("NRR", "GRR", "logos", "accounts", "start", "end"):
        table.add_column(heading, justify="right")
    if found[0].unbegun is not None:
        out.print(f"{title}: {found[0].unbegun}.", highlight=False)
        return
    for one in found:
        cells = [one.cohort.get(name, "all") for name in names] or ["all"]
        table.add_row(
            *cells, *(value(figure, currency) for figure in one.figures), f"{one.sheet.n_start:,}",
            money(one.waterfall.start, currency), money(one.waterfall.end, currency), end_section=not one.cohort,
        )  # fmt: skip
    out.print(table)
    bars = Table("", title="Waterfall, to the cent", title_justify="left")
    shown = found if len(found) <= 6 else found[:1]
    for one in shown:
        bars.add_column(", ".join(one.cohort.values()) or "all", justify="right")
    for name in ("start", *BARS, "end"):
        amounts = [getattr(one.waterfall, name) for one in shown]
        bars.add_row(
            name.replace("_", "-"),
            *(money(cents, currency, exact=True) for cents in amounts),
            end_section=name in ("start", "fx"),
        )
    out.print(bars)
    gaps = [one for one in found if one.waterfall.gap]
    out.print(
        "Every waterfall closes to the cent." if not gaps else f"{len(gaps)} waterfalls do not close.", highlight=False
    )
    if reasons := {figure.reason for one in found for figure in one.figures if figure.reason}:
        out.print(f"Without a value: {'; '.join(sorted(reasons))}", style="dim", highlight=False)


def _monthly(out: Console, found: Sequence["Month"], names: Sequence[str], currency: str) -> None:
    from streams.scorecard.shown import money, value

    table = Table(*names, "month", title="Revenue retention by month", title_justify="left")
    for heading in (
        "NRR",
        "GRR",
        "logos",
        "NRR 12 months",
        "GRR 12 months",
        "start",
        "new",
        "expansion",
        "lost",
        "end",
    ):
        table.add_column(heading, justify="right")
    for one, after in zip_longest(found, found[1:]):
        bars = one.month.waterfall
        table.add_row(
            *(one.month.cohort.get(name, "all") for name in names), one.month.period.label,
            *(value(figure, currency) for figure in one.month.figures),
            *(value(figure, currency) for figure in one.year.figures[:2]), money(bars.start, currency),
            money(bars.new + bars.reactivation, currency), money(bars.upsell + bars.cross_sell + bars.usage, currency),
            money(bars.contraction + bars.churn, currency), money(bars.end, currency),
            end_section=after is not None and after.month.cohort != one.month.cohort,
        )  # fmt: skip
    out.print(table)
