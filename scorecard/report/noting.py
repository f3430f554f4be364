"""Notes for those who read SQL what stands beside figures: what was agreed, lines, attribution, forecast, lift."""

from collections.abc import Iterable, Mapping
from typing import Any

from scorecard.attribution import Model
from scorecard.model import noted_tables as tables
from scorecard.period import Period, quarter_of
from scorecard.report import noted_rows as rows
from scorecard.report.attributed import attribute
from scorecard.report.clg import measure
from scorecard.report.foretold import foretell
from scorecard.report.line import Line
from scorecard.report.scorecard import Scorecard, executive
from scorecard.report.source import Source

PACE_S = 600.0
"""While something comes all the time the rest is noted at most so often, and sooner where it takes less (see Memo): the
lift of 100,000 accounts takes a dozen seconds."""


def note_rest(source: Source) -> None:
    """Whatever SQL should have that is no figure, of the last whole quarter: when something came since, and for at most
    a twentieth of the time. Cheap when nothing did.
    """
    period = quarter_of(source.today()).previous()
    version = source.model.reached(), source.facets.reached(), period[:2]
    source.memo.get("noted for SQL", version, lambda: _note(source, period), fresh_s=PACE_S)


def _note(source: Source, period: Period) -> None:
    note = source.noted.note
    note(tables.metrics, [{"place": place, **row} for place, row in enumerate(rows.metric_rows())])
    note(tables.targets, list(rows.target_rows(source.settings)))
    newest = source.newest()
    if not newest:
        return
    note_lines(source, executive(source, period))
    note(tables.forecasts, _as_of(newest, rows.forecast_rows(foretell(source))))
    lift = measure(source, period)
    note(tables.lifts, _as_of(newest, rows.lift_rows(lift)), period)
    note(tables.strata, _as_of(newest, rows.stratum_rows(lift)), period)
    note(tables.balances, _as_of(newest, rows.balance_rows(lift)), period)
    credited = (
        {"model": one.model.value, "programme": name, "cents": cents}
        for one in attribute(source, period, [*Model], lift)
        for name, cents in one.programmes.items()
    )
    note(tables.attributions, _as_of(newest, credited), period)


def note_lines(source: Source, view: Scorecard) -> None:
    """What a view shows, in place of what was noted of the same figures and cohorts."""
    own = {line.figure.id for line in view.lines if not line.cohort}
    agreed = [line for line in view.agreed(source.settings) if line.figure.id not in own]
    _note_lines(source, view, "", [*(line for line in view.lines if not line.cohort), *agreed])
    _note_lines(source, view, ",".join(view.by), [line for line in view.lines if line.cohort])


def _note_lines(source: Source, view: Scorecard, dimensions: str, lines: list[Line]) -> None:
    figures = sorted({line.figure.id for line in lines})
    found = _as_of(source.newest(), map(rows.line_row, lines))
    source.noted.note(tables.shown, found, view.period, figure=figures, dimensions=dimensions)


def _as_of(newest: float, found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "newest": newest} for row in found]
