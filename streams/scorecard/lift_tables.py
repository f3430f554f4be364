"""The measurement of customer-led growth as people read it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isfinite

from rich.console import Console
from rich.table import Table

from scorecard.balance import MONEY
from scorecard.comparison import Comparison
from scorecard.lift import Lift
from scorecard.model.rows import Cohort
from scorecard.placebo import Passed
from scorecard.power import smallest_lift
from scorecard.report.clg import Measurement
from scorecard.report.clg_json import mean
from scorecard.report.lifted import Part
from scorecard.unit import Outcome

STRATA_SHOWN_MAX = 12
"""Strata on the terminal; --json has all."""


POWER = "could have seen"
"""The smallest lift, in points, that would have been seen in four of five cases."""

BESIDE = ("lift, points", "95 % interval", POWER, "least alike", "placebo")
"""What stands beside the lift of a part; least alike: the largest standardised difference that is left."""

PLACEBO = {Passed.YES: "passed", Passed.NO: "FAILED", Passed.UNKNOWN: "not possible"}


def _rate(value: float | Fraction | None) -> str:
    return "-" if value is None else f"{100 * float(value):.1f} %"


def _points(value: float | Fraction | None) -> str:
    return "-" if value is None else f"{100 * float(value):+.1f}"


def show(out: Console, found: Measurement, currency: str) -> None:
    """Exposed against comparable others."""
    whole, both = found.whole, found.arms
    study = whole.study
    table = Table("", title=f"Exposed before {found.period.label}, and others", title_justify="left")
    headings = (
        "all exposed",
        "all others",
        "naive",
        "exposed, compared",
        "comparable",
        "lift, points",
        "95 % interval",
        POWER,
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for outcome, one in study.lifts.items():
        arms = (_rate(arm.rate(outcome) if arm.n else None) for arm in both)
        interval = "" if one.interval is None else f"{_points(one.interval.low)} to {_points(one.interval.high)}"
        table.add_row(
            outcome.value.upper() if outcome.value in ("nrr", "grr") else outcome.value, *arms, _points(one.naive),
            _rate(one.exposed), _rate(one.control), _points(one.value), interval, _power(one),
        )  # fmt: skip
    out.print(table)
    out.print(
        f"{both[0].n} accounts were exposed, {both[1].n} were not; compared: {study.exposed_n} and {study.control_n}.",
        highlight=False,
    )
    for outcome in study.lifts:
        out.print(whole.conclusions[outcome].sentence, highlight=False)
    for caveat in next(iter(whole.conclusions.values())).caveats:
        out.print(f"- {caveat}", style="yellow", highlight=False)
    tested = whole.placebo.lift
    told = tested.reason if tested.value is None else f"lift {_points(tested.value)} points"
    out.print(f"Placebo, with false dates: {whole.placebo.passed.value} ({told}).", highlight=False)
    _programmes(out, found)
    _balance(out, whole, currency)
    _strata(out, whole)


def cohorts(out: Console, found: Mapping[Cohort, Part], by: Sequence[str]) -> None:
    """C3 and C4 of each cohort: its own accounts, compared among themselves."""
    table = Table(*by, title="By cohort, NRR", title_justify="left")
    for heading in ("accounts", "all exposed", "all others", "naive", *BESIDE):
        table.add_column(heading, justify="right")
    for values, (comparison, figures) in sorted(found.items()):
        table.add_row(
            *values, f"{figures['C3'].n:,}", _rate(figures["C3.exposed"].value), _rate(figures["C3.other"].value),
            _points(figures["C3"].value), *_beside(comparison),
        )  # fmt: skip
    out.print(table)


def _programmes(out: Console, found: Measurement) -> None:
    title = "By programme, against accounts exposed to none, NRR"
    table = Table("programme", title=title, title_justify="left")
    for heading in ("exposed", "comparable", *BESIDE):
        table.add_column(heading, justify="right")
    for name, one in found.programmes.items():
        table.add_row(name, f"{one.study.exposed_n}", f"{one.study.control_n}", *_beside(one))
    out.print(table)


def _beside(found: Comparison) -> tuple[str, ...]:
    """BESIDE of the lift in NRR."""
    one, placebo = found.study.lifts[Outcome.NRR], found.placebo
    interval = one.no_interval or one.reason or ""
    if one.interval is not None:
        interval = f"{_points(one.interval.low)} to {_points(one.interval.high)}"
    known = [abs(row.after) for row in found.balances if row.after is not None and isfinite(row.after)]
    return _points(one.value), interval, _power(one), f"{max(known):.2f}" if known else "-", PLACEBO[placebo.passed]


def _power(one: Lift) -> str:
    return "-" if one.interval is None else f"{100 * smallest_lift(one.interval):.1f}"


def _balance(out: Console, found: Comparison, currency: str) -> None:
    table = Table("property", title="Balance: standardised differences between the arms", title_justify="left")
    for heading in ("exposed", "others", "before matching", "after"):
        table.add_column(heading, justify="right")
    for one in found.balances:
        means = (mean(one, value, currency) for value in (one.exposed, one.control))
        cells = (
            "-" if value is None or not isfinite(value) else f"{value:,.2f}"
            for value in (*means, one.before, one.after)
        )
        table.add_row(
            f"{one.name}, {currency}" if one.name in MONEY else one.name,
            *cells,
            style=None if one.balanced else "yellow",
        )
    out.print(table)


def _strata(out: Console, found: Comparison) -> None:
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
