"""What stands beside figures as rows for SQL: money in minor units, and each column as its table has it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import Any

from scorecard.catalogue import catalogue, entry_of
from scorecard.figure import Figure
from scorecard.lift import Study
from scorecard.model.rows import Cohort
from scorecard.model.tables import day_number
from scorecard.report.clg import Measurement
from scorecard.report.foretold import Foretold
from scorecard.report.line import Line
from scorecard.report.targets import in_unit
from scorecard.report.undated import UNDATED
from scorecard.settings.file import ScorecardFile
from scorecard.strata import Stratum
from scorecard.unit import Outcome

Row = dict[str, Any]

FORETOLD = ("kind", "nrr", "low", "high", "level", "naive", "method", "reason", "n")


def metric_rows() -> Iterator[Row]:
    """The catalogue, by figure."""
    for metric, entry in catalogue().items():
        for figure, part in entry.figures.items():
            yield {
                "figure": figure, "metric": metric, "title": part.title, "definition": entry.definition,
                "formula": entry.formula, "unit": entry.unit_of(figure), "streams": ",".join(entry.streams),
                "owner": entry.owner, "review": entry.review, "good": entry.good_of(figure), "traps": entry.traps,
                "no_parts": part.no_parts or None, "no_past": UNDATED.get(figure),
            }  # fmt: skip


def target_rows(settings: ScorecardFile) -> Iterator[Row]:
    """What was agreed, as the file has it."""
    for number, target in enumerate(settings.targets):
        figure = Figure(target.metric, None, None, None, None, 0, entry_of(target.metric).unit_of(target.metric))
        ends = {"at_least": target.at_least, "at_most": target.at_most}
        yield {
            "number": number, "figure": target.metric, "cohort": _json(target.cohort), "period": target.period,
            **{name: None if end is None else float(in_unit(Fraction(end), figure, settings.currency))
               for name, end in ends.items()},
        }  # fmt: skip


def line_row(line: Line) -> Row:
    """A line of the scorecard, beside its figure."""
    figure, held, compared, ends = line.figure, line.held, line.compared, line.ends
    return {
        "cohort": _json(line.cohort), "figure": figure.id,
        "target": None if held is None else float(held.goal),
        "met": None if held is None or held.met is None else int(held.met),
        "before": None if line.before is None else _amount(line.before), "trend": line.trend or None,
        "no_trend": line.no_trend,
        "benchmark": None if compared is None else float(compared.value),
        "benchmark_source": None if compared is None else compared.benchmark.source,
        "benchmark_met": None if compared is None or compared.at_least is None else int(compared.at_least),
        "ends": None if ends is None else ",".join(ends.dimensions),
        **_end("best", None if ends is None else ends.best, line),
        **_end("worst", None if ends is None else ends.worst, line),
        "no_best": None if ends is None else ends.reason,
    }  # fmt: skip


def _end(name: str, found: tuple[Cohort, Figure] | None, line: Line) -> Row:
    if found is None or line.ends is None:
        return {name: None, f"{name}_value": None}
    values, figure = found
    return {name: _json(dict(zip(line.ends.dimensions, values, strict=True))), f"{name}_value": _amount(figure)}


def _amount(figure: Figure) -> float | None:
    """Money to the minor unit, as everywhere."""
    if figure.value is None:
        return None
    return float(round(figure.value) if figure.unit == "money" else figure.value)


def forecast_rows(found: Foretold) -> Iterator[Row]:
    """Quarters that are over, and those to come."""
    periods = [*(period for period, _ in found.past), *found.coming]
    for period, told in zip(periods, found.to_json(), strict=True):
        accuracy = told.get("accuracy") or {}
        yield {
            "first_day": day_number(period.start), "end_day": day_number(period.end), "label": period.label,
            **{name: told.get(name) for name in FORETOLD},
            **{name: accuracy.get(name) for name in ("mean_error", "naive_mean_error", "within_interval")},
        }  # fmt: skip


def lift_rows(found: Measurement) -> Iterator[Row]:
    """C4 of everybody, C5 of each programme."""
    yield from _lifts("", found.whole.study)
    for programme, one in found.programmes.items():
        yield from _lifts(programme, one.study)


def _lifts(programme: str, study: Study) -> Iterator[Row]:
    for outcome, one in study.lifts.items():
        interval = one.interval
        yield {
            "programme": programme, "outcome": outcome.value, "value": one.value,
            "low": None if interval is None else interval.low, "high": None if interval is None else interval.high,
            "level": None if interval is None else interval.level, "exposed_rate": _float(one.exposed),
            "control_rate": _float(one.control), "naive": _float(one.naive), "exposed_n": study.exposed_n,
            "control_n": study.control_n, "reason": one.reason, "no_interval": one.no_interval,
        }  # fmt: skip


def stratum_rows(found: Measurement) -> Iterator[Row]:
    """Those that are compared, and those that are left out."""
    matching, weights = found.whole.study.matching, found.whole.study.weights_of()
    for one in matching.strata:
        yield {**_stratum(one, matching.dimensions), "weight": float(weights[one.label])}
    for one in matching.left_out:
        yield {**_stratum(one, matching.dimensions), "weight": None}


def _stratum(one: Stratum, dimensions: Sequence[str]) -> Row:
    arms = (("exposed", one.exposed), ("control", one.control))
    sums = {f"{name}_{what}": value for name, arm in arms for what, value in (("n", arm.n), ("start", arm.start))}
    rates = {f"{name}_nrr": _float(arm.rate(Outcome.NRR) if arm.n else None) for name, arm in arms}
    return {"stratum": _json(dict(zip(dimensions, one.label, strict=True))), "reason": one.reason, **sums, **rates}


def balance_rows(found: Measurement) -> Iterator[Row]:
    """How alike the arms are."""
    for one in found.whole.balances:
        means = {name: _float(getattr(one, name)) for name in ("exposed", "control", "before", "after")}
        yield {"name": one.name, **means, "balanced": int(one.balanced)}


def _float(value: Fraction | float | None) -> float | None:
    """What is infinite, or no number, databases and BI tools take for different things."""
    return None if value is None or not isfinite(value) else float(value)


def _json(cohort: Mapping[str, str]) -> str:
    return json.dumps(dict(cohort), ensure_ascii=False)
