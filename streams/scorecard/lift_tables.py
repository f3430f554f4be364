"""The measurement of customer-led growth as people read it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rich.console import Console
from rich.table import Table

from scorecard.balance import MONEY
from scorecard.model.rows import Cohort
from scorecard.report.clg import Measurement
from scorecard.report.clg_json import mean
from scorecard.report.source import Figures
from scorecard.unit import Outcome

STRATA_SHOWN_MAX = 12
"""Strata on the terminal; --json has all."""


def _rate(value: float | Fraction | None) -> str:
    return "-" if value is None else f"{100 * float(value):.1f} %"


def _points(value: float | Fraction | None) -> str:
    return "-" if value is None else f"{100 * float(value):+.1f}"


def show(out: Console, found: Measurement, currency: str) -> None:
    """Exposed against comparable others."""
    study = found.study
    table = Table("", title=f"Exposed before {found.period.label}, and others", title_justify="left")
    headings = (
        "all exposed",
        "all others",
        "naive",
        "exposed, compared",
        "comparable",
        "lift, points",
        "95 % interval",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for outcome, one in study.lifts.items():
        arms = (_rate(arm.rate(outcome) if arm.n else None) for arm in (found.exposed, found.others))
        interval = "" if one.interval is None else f"{_points(one.interval.low)} to {_points(one.interval.high)}"
        table.add_row(
            outcome.value.upper() if outcome.value in ("nrr", "grr") else outcome.value, *arms, _points(one.naive),
            _rate(one.exposed), _rate(one.control), _points(one.value), interval,
        )  # fmt: skip
    out.print(table)
    out.print(
        f"{found.exposed.n} accounts were exposed, {found.others.n} were not; compared: {study.exposed_n} and "
        f"{study.control_n}.",
        highlight=False,
    )
    for outcome in study.lifts:
        out.print(found.conclusions[outcome].sentence, highlight=False)
    for caveat in next(iter(found.conclusions.values())).caveats:
        out.print(f"- {caveat}", style="yellow", highlight=False)
    tested = found.placebo.lift
    told = tested.reason if tested.value is None else f"lift {_points(tested.value)} points"
    out.print(f"Placebo, with false dates: {found.placebo.passed.value} ({told}).", highlight=False)
    _programmes(out, found)
    _balance(out, found, currency)
    _strata(out, found)


def cohorts(out: Console, found: Mapping[Cohort, Figures], by: Sequence[str]) -> None:
    """C3 and C4 of each cohort: its own accounts, compared among themselves."""
    table = Table(*by, title="By cohort, NRR", title_justify="left")
    for heading in ("accounts", "all exposed", "all others", "naive", "lift, points", "95 % interval"):
        table.add_column(heading, justify="right")
    for values, figures in sorted(found.items()):
        lift, naive = figures["C4"], figures["C3"]
        interval = lift.reason or ""
        if lift.low is not None and lift.high is not None:
            interval = f"{_points(lift.low)} to {_points(lift.high)}"
        table.add_row(
            *values, f"{naive.n:,}", _rate(figures["C3.exposed"].value), _rate(figures["C3.other"].value),
            _points(naive.value), _points(lift.value), interval,
        )  # fmt: skip
    out.print(table)


def _programmes(out: Console, found: Measurement) -> None:
    table = Table("programme", title="By programme, against accounts exposed to none", title_justify="left")
    for heading in ("exposed", "comparable", "lift in NRR, points", "95 % interval"):
        table.add_column(heading, justify="right")
    for name, study in found.programmes.items():
        one = study.lifts[Outcome.NRR]
        interval = one.no_interval or one.reason or ""
        if one.interval is not None:
            interval = f"{_points(one.interval.low)} to {_points(one.interval.high)}"
        table.add_row(name, f"{study.exposed_n}", f"{study.control_n}", _points(one.value), interval)
    out.print(table)


def _balance(out: Console, found: Measurement, currency: str) -> None:
    table = Table("property", title="Balance: standardised differences between the arms", title_justify="left")
    for heading in ("exposed", "others", "before matching", "after"):
        table.add_column(heading, justify="right")
    for one in found.balances:
        means = (mean(one, value, currency) for value in (one.exposed, one.control))
        cells = ("-" if value is None else f"{value:,.2f}" for value in (*means, one.before, one.after))
        table.add_row(
            f"{one.name}, {currency}" if one.name in MONEY else one.name,
            *cells,
            style=None if one.balanced else "yellow",
        )
    out.print(table)


def _strata(out: Console, found: Measurement) -> None:
    left_out = found.study.matching.left_out
    if not left_out:
        return
    table = Table("stratum", title=f"Strata without both arms: {len(left_out)}", title_justify="left")
    for heading in ("exposed", "others"):
        table.add_column(heading, justify="right")
    table.add_column("why it is left out")
    for one in left_out[:STRATA_SHOWN_MAX]:
        table.add_row(", ".join(one.label), f"{one.exposed.n}", f"{one.control.n}", one.reason or "")
    out.print(table)
    if len(left_out) > STRATA_SHOWN_MAX:
        out.print(f"{len(left_out) - STRATA_SHOWN_MAX} more with --json", style="dim")
