"""Benchmarks: a figure beside an outside one, and beside the own best cohort (G2)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from scorecard.catalogue import Good, entry_of
from scorecard.figure import Figure
from scorecard.report.targets import in_unit
from scorecard.settings.targets import Benchmark


class Compared(NamedTuple):
    """A figure beside an outside one."""

    benchmark: Benchmark
    value: Fraction
    """The outside one, in the figure's unit."""
    difference: Fraction | None
    """The figure less the outside one; None: the figure has no value."""
    at_least: bool | None
    """Whether the figure is as good, whichever direction is good."""


def compared(
    figure: Figure,
    benchmarks: Iterable[Benchmark],
    *,
    model: str,
    industry: str | None,
    acv: Fraction | None,
    currency: str,
) -> Compared | None:
    """The figure beside the benchmark that fits it most closely; None without one.

    acv: revenue per account (X4) of the figure's cohort, minor units; industry: of its accounts, where they share one.
    """
    found = [
        one for one in benchmarks
        if one.metric == figure.id
        and one.model in (None, model)
        and one.industry in (None, industry)
        and (one.acv is None or _in_band(one, acv, currency))
    ]  # fmt: skip
    if not found:
        return None
    best = max(found, key=lambda one: sum(part is not None for part in (one.model, one.industry, one.acv)))
    value = in_unit(Fraction(best.value), figure, currency)
    if figure.value is None:
        return Compared(best, value, None, None)
    difference = figure.value - value
    return Compared(best, value, difference, difference == 0 or better(figure.id, figure.value, value))


def _in_band(one: Benchmark, acv: Fraction | None, currency: str) -> bool:
    if acv is None or one.acv is None:
        return False
    money = Figure.amount("X4", 0, n=0)
    low = in_unit(Fraction(one.acv.at_least), money, currency)
    return low <= acv and (one.acv.below is None or acv < in_unit(Fraction(one.acv.below), money, currency))


def better(figure: str, value: Fraction, other: Fraction) -> bool:
    """Whether one value of a figure is better than another; where neither direction is good, the higher one is."""
    good: Good = entry_of(figure).good_of(figure)
    return value < other if good == "down" else value > other


def attainment(found: Sequence[Compared]) -> Figure:
    """G2: figures at or over their benchmark / figures with one."""
    judged = [one.at_least for one in found if one.at_least is not None]
    empty = "no benchmark applies" if not found else "no figure with a benchmark has a value"
    return Figure.ratio("G2", sum(judged), len(judged), n=len(found), unit="share", empty=empty)
