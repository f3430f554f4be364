"""Drill-down: the rows of movements are those that the waterfall adds up, to the cent; SQL itemises what differs."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from scorecard.exposure import EXPOSING, Exposing
from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.rows import Moved
from scorecard.model.terms import Terms
from scorecard.movement import Kind
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.retention import Waterfall, waterfall
from scorecard.sheet import Sheet
from scorecard.tally import Tally
from scoring.event import Event
from tests.scorecard.model.stories import described, ended, started, touched
from tests.scorecard.model.test_model import rows
from tests.scorecard.model.test_model_laws import PERIODS, QUICK, TERMS, arrivals

Q2 = Period.parse("2026-Q2")
RATES = Rates("EUR", {"USD": [(date(2025, 1, 1), Decimal("0.90")), (date(2026, 5, 1), Decimal("0.80"))]})
FALLING = Terms(RATES, exposing=Exposing(programmes=["academy"]))

STORY = [
    started("acme", "2025-05-01", 700), started("old", "2025-05-01", 500),
    touched("old", "2026-05-01", "academy", "ann"), touched("old", "2026-05-02", "newsletter", "bob"),
    ended("old", "2026-05-12"), described("old", "2026-05-12", merged_into="acme"),
    started("acme", "2026-05-20", 650, product="plan"),
    started("yank", "2026-06-01", 1000).replace(
        properties={"subscription_id": "y", "product": "core", "arr": 1000, "currency": "USD"}
    ),
]  # fmt: skip


def all_moved(model: Model, period: Period | None, limit: int, **wanted: Any) -> Iterator[Moved]:
    after = None
    while True:
        page = model.movements(period, after=after, limit=limit, **wanted)
        yield from page.rows
        after = page.next
        if after is None:
            return


def bars_of(found: Sequence[Moved]) -> dict[str, int]:
    """What some rows come to, by the bars of the waterfall."""
    bars: Counter[str] = Counter()
    for one in found:
        bars[one.movement.kind] += one.movement.cents
        bars[Kind.FX] += one.fx
    return {kind: bars[kind] for kind in Kind}


def bars(of: Waterfall) -> dict[str, int]:
    return {kind: getattr(of, kind) for kind in Kind}


def test_rows_of_a_period_name_the_entity_and_are_what_its_waterfall_counts(
    new_database: Callable[[], Database],
) -> None:
    """C1, R4: the account that was merged away left nobody; a dollar counts as on the day before the period."""
    model = Model(new_database(), FALLING)
    model.take(STORY, {})
    found = list(all_moved(model, Q2, 2))
    assert [
        (one.posted.account_id, one.entity, one.movement.kind, one.posted.kind, one.movement.cents, one.fx)
        for one in found
    ] == [
        ("old", "acme", "contraction", "churn", -500_00, 0),
        ("acme", "acme", "cross_sell", "cross_sell", 650_00, 0),
        ("yank", "yank", "new", "new", 900_00, -100_00),
    ]
    assert {one.rates_of for one in found} == {date(2026, 3, 31)}
    assert bars_of(found) == bars(waterfall(model.sheet(Q2)[()]))
    touching = [[touch.programme for touch in one.touchpoints] for one in found]
    assert touching == [["academy"], ["academy"], []], "of the entity, and the programmes that count"


def test_without_a_period_the_rate_is_that_of_the_day(new_database: Callable[[], Database]) -> None:
    model = Model(new_database(), FALLING)
    model.take(STORY, {})
    found = list(all_moved(model, None, 100, account_id="yank"))
    assert [(one.movement.cents, one.fx, one.rates_of) for one in found] == [(800_00, 0, date(2026, 6, 1))]


def test_in_sql_a_movement_is_exposed_by_what_touched_its_entity(new_database: Callable[[], Database]) -> None:
    """C1: as over HTTP, and as in the figure."""
    database = new_database()
    Model(database, FALLING).take(STORY, {})
    shown = rows(database, "SELECT account_id, exposed FROM v_movements WHERE exposed = 1 ORDER BY day")
    assert [row["account_id"] for row in shown] == ["old", "acme"]
    Model(database, FALLING._replace(exposing=Exposing(programmes=["council"])))
    assert not rows(database, "SELECT account_id FROM v_movements WHERE exposed = 1")
    Model(database, FALLING._replace(exposing=EXPOSING))
    assert len(rows(database, "SELECT account_id FROM v_movements WHERE exposed = 1")) == 2


@pytest.mark.timeout(600)
@QUICK
@given(batches=arrivals())
def test_rows_add_up_to_every_bar_of_the_waterfall_whatever_was_merged_or_revalued(
    new_database: Callable[[], Database], batches: list[list[Event]]
) -> None:
    """R4, C1: over HTTP row by row; in SQL with the differences that are itemised there."""
    database = new_database()
    model = Model(database, TERMS)
    for batch in batches:
        model.take(batch, {})
    then = max((event.arrived for batch in batches[:2] for event in batch), default=0.0)
    for period in PERIODS:
        should = bars(waterfall(model.sheet(period).get((), Sheet())))
        found = list(all_moved(model, period, 7))
        assert bars_of(found) == should
        moves = [one for one in found if one.movement.kind is not Kind.FX]
        tally = model.tallies(period).get((), Tally())
        assert (tally["moves"], tally["exposed"]) == (len(moves), sum(bool(one.touchpoints) for one in moves))
        for kind in (Kind.CHURN, Kind.CONTRACTION, Kind.FX):
            assert list(all_moved(model, period, 2, kinds=[kind])) == [
                one for one in found if one.movement.kind is kind
            ]
        assert in_sql(database, period) == should
        before = bars(waterfall(model.sheet(period, (), then).get((), Sheet())))
        assert bars_of(list(all_moved(model, period, 7, known_at=then))) == before
    model.close()


def in_sql(database: Database, period: Period) -> dict[str, int]:
    """The bars, from the rows of the ledger and the differences."""
    days = f"day >= '{period.start}' AND day < '{period.end}'"
    moved = rows(database, f"SELECT kind, cents FROM v_movements WHERE {days}")
    of_period = f"first_day = '{period.start}' AND end_day = '{period.end}'"
    differing = rows(database, f"SELECT kind, difference FROM v_differences WHERE {of_period}")
    sums: Counter[str] = Counter()
    for row in moved:
        sums[str(row["kind"])] += int(str(row["cents"]))
    for row in differing:
        sums[str(row["kind"])] += int(str(row["difference"]))
    return {kind: sums[kind] for kind in Kind}
