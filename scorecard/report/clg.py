"""C3 to C5: how those that customer-led growth touched fared beside comparable others."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from scorecard.comparison import Comparison, programmes
from scorecard.lift import Drawing
from scorecard.model.mark import Mark
from scorecard.panel import Panel
from scorecard.period import Period
from scorecard.report.source import Source
from scorecard.strata import SHARE_MIN, Arm, arms
from scorecard.survey import DIMENSIONS, Survey

SEED = 7
"""Of the bootstrap: the same figures give the same interval, today and tomorrow."""

MATCHED_ON = DIMENSIONS
"""Segment, industry, product mix, tenure, starting revenue and prior health."""


class Measurement(NamedTuple):
    """C3 to C5 of a period."""

    period: Period
    whole: Comparison
    programmes: Mapping[str, Comparison]
    """C5: of each programme, those exposed to it against those exposed to none."""
    panel: Panel
    """All accounts of the study."""
    stamp: object
    """Equal to itself alone: what is made of this measurement is kept as long as it is this one."""

    @property
    def matched_on(self) -> Sequence[str]:
        """What the whole is matched on; programmes and cohorts are as well."""
        return self.whole.study.matching.dimensions

    @property
    def arms(self) -> tuple[Arm, Arm]:
        """C3: of all that were exposed, comparable or not, and of all others."""
        return arms(self.panel.sample(self.matched_on))


def drawing(source: Source) -> Drawing:
    """How intervals of a read model are made."""
    return Drawing(SEED, draws=source.draws)


def measure(source: Source, period: Period) -> Measurement:
    """Compare entities that were exposed before the period with comparable others; kept (Source.kept), since it takes
    all accounts. What came since then takes only those of whom it is.
    """
    unbegun = source.unbegun(period)
    if unbegun is not None:  # not kept: it begins without anything coming that the lift hangs on
        nobody = Panel.of(())
        nothing = Comparison.of(nobody, MATCHED_ON, drawing(source), reason=unbegun)
        return Measurement(period, nothing, {}, nobody, object())
    settings = source.settings
    survey = Survey(period, settings.exchange, MATCHED_ON, source.model.dimensions, settings.exposure.exposing)

    def panel(changed: Collection[int] | None = None) -> Panel:
        entities, known = source.model.books(changed), None
        if changed is not None:  # few: the scores of all would take longer
            entities = iter(some := [*entities])
            known = {book.account_id for _, books in some for book in books}
        return survey.panel(entities, source.prior.of(period.start, known))

    def make() -> Measurement:
        return _measured(source, panel(), period)

    def renew(since: Mark, before: Measurement) -> Measurement:
        changed = source.model.changed(since)
        return make() if changed is None else _measured(source, before.panel.with_(changed, panel(changed)), period)

    return source.kept(("lift", source.prior.version(period.start)), period, make, renew)


def _measured(source: Source, panel: Panel, period: Period) -> Measurement:
    how = drawing(source)
    whole = Comparison.of(panel, MATCHED_ON, how, SHARE_MIN)
    found = Measurement(period, whole, {}, panel, object())
    return found._replace(
        programmes={name: Comparison.of(part, found.matched_on, how) for name, part in programmes(panel)}
    )
