"""What was made of a period stands as long as nothing came that is of its days, or of those before."""

from collections.abc import Callable

import pytest
from hypothesis import given

from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.panel import Panel
from scorecard.period import Period
from scorecard.survey import Survey
from scoring.event import Event
from tests.scorecard.histories import RATES
from tests.scorecard.model.stories import TERMS, changed, day, described, started, touched
from tests.scorecard.model.test_model_laws import PERIODS, QUICK, arrivals
from tests.scorecard.model.test_model_laws import TERMS as LAW_TERMS
from tests.scorecard.units import units

AFTER = day("2026-07-01")
"""The quarter is over."""


def surveyed(model: Model, period: Period, entities: set[int] | None = None) -> Panel:
    return Survey(period, RATES, by=LAW_TERMS.dimensions).panel(model.books(entities))


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals())
def test_c4_other_units_than_before_are_those_of_whom_something_came_of_a_periods_days(
    new_database: Callable[[], Database], batches: list[list[Event]]
) -> None:
    """Unless others stand for accounts than before; where nothing touched a period its units are what they were."""
    model = Model(new_database(), LAW_TERMS)
    panels, since = {period: surveyed(model, period) for period in PERIODS}, model.reached()
    for batch in batches:
        model.take(batch, {})
        changed = model.changed(since)
        for period, before in panels.items():
            found = panels[period] = surveyed(model, period)
            assert units(found) == units(before) or model.touched(since, period.end)
            if changed is not None:
                assert units(before.with_(changed, surveyed(model, period, changed))) == units(found)
        since = model.reached()


@pytest.mark.parametrize(
    ("event", "touches"),
    [
        (changed("a", "2026-06-30", 90), True),
        (changed("a", "2026-07-01", 90), False),
        (touched("a", "2026-03-31", "academy"), True),
        (touched("a", "2026-07-01", "academy"), False),
        (described("a", "2026-06-30", segment="smb"), True),
        (described("a", "2026-07-02", segment="smb"), False),
        (described("a", "2026-07-02", merged_into="b"), True),
        (described("a", "2026-07-02", start_date="2025-01-01"), True),
    ],
)
def test_what_is_of_later_days_touches_nothing_but_merges_and_starts_do(
    new_database: Callable[[], Database], event: Event, touches: bool
) -> None:
    model = Model(new_database(), TERMS)
    model.take([started("a", "2026-01-01", 100), started("b", "2026-01-01", 100)], {})
    mark = model.reached()
    assert not model.touched(mark, AFTER)
    model.take([event], {})
    assert model.touched(mark, AFTER) is touches


def test_of_too_many_statements_of_a_trait_each_further_one_touches_all_periods(
    new_database: Callable[[], Database],
) -> None:
    """The oldest one goes then, and its successor is taken to have held before."""
    model, period = Model(new_database(), TERMS), Period.parse("2026-Q2")
    days = [f"2026-{month:02}-{of_month:02}" for month in (7, 8, 9) for of_month in range(1, 29)]
    model.take([started("a", "2026-01-01", 100), described("a", "2026-01-01", segment="first")], {})
    model.take([described("a", one, segment=f"s{n}") for n, one in enumerate(days[:63])], {})
    mark, before = model.reached(), units(surveyed(model, period))
    model.take([described("a", days[63], segment="last")], {})
    assert units(surveyed(model, period)) != before
    assert model.touched(mark, period.end)
