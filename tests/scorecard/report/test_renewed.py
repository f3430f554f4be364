"""C3 to C6 made of what they were before and of what came since are those made anew, to the last bit."""

import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from scorecard.attribution import Model
from scorecard.draws import Draws
from scorecard.model.database import Database
from scorecard.period import Period
from scorecard.report.attributed import attribute
from scorecard.report.clg import measure
from scorecard.report.clg_json import attributed, measured, of_cohorts
from scorecard.report.lifted import lifted, parts
from scorecard.report.memo import Memo
from scorecard.report.source import Source
from scorecard.settings.file import ScorecardFile, load_scorecard
from scoring.event import Event
from streams.scorecard import opening
from streams.simulate.lift import messages
from streams.simulate.planted import plant
from streams.vocabulary import shipped
from streams.wire import decode
from tests.scorecard.facets.said import said
from tests.scorecard.model.places import new_database, new_place, postgresql
from tests.scorecard.model.test_model_laws import PERIODS, QUICK, arrivals

__all__ = ["new_database", "new_place", "postgresql"]

YEAR = Period.parse("2025")


@pytest.fixture
def agreed() -> ScorecardFile:
    return load_scorecard('version: "1"\ncurrency: EUR', file="scorecard.yaml")


def anew(source: Source) -> Source:
    """The same read model, of which nothing was made yet. By a clock that stands still: all is as new as its events."""
    return source._replace(memo=Memo(lambda: 0.0), draws=Draws())


def told(source: Source, period: Period) -> list[Any]:
    """C3 to C6, of everybody and of cohorts."""
    found = measure(source, period)
    return [
        measured(found, "EUR"), lifted(source, period),
        of_cohorts(parts(source, period, ("segment",)), ("segment",), "EUR"),
        [attributed(one, period.label, "EUR") for one in attribute(source, period, [*Model], found)],
    ]  # fmt: skip


@pytest.mark.timeout(600)
@settings(QUICK, max_examples=6)
@given(batches=arrivals())
def test_c3_to_c6_of_any_history_in_any_order(
    new_database: Callable[[], Database], agreed: ScorecardFile, batches: list[list[Event]]
) -> None:
    source = anew(opening.source(new_database(), agreed))
    for batch in batches:
        source.model.take(batch, {})
        for period in PERIODS[1:3]:
            assert told(source, period) == told(anew(source), period)


def late(number: int, dice: random.Random, accounts: Sequence[str]) -> Event:
    """Something of a day within or before the year, or after it."""
    account, month = dice.choice(accounts), dice.choice(["2024-11", "2024-12", "2025-02", "2025-10", "2026-01"])
    day = f"{month}-{dice.randint(1, 28):02}"
    match number % 4:
        case 0:
            return said(day, "touchpoint", "ann", account=account, kind=dice.choice(("academy", "council", "office")))
        case 1:
            return said(
                day, "subscription_started", account=account, currency="EUR", subscription_id=f"late-{number}",
                product="late", arr=dice.randint(1, 90_000) * 100,
            )  # fmt: skip
        case 2:
            return said(day, "group", account=account, segment=dice.choice(("smb", "enterprise", "other")))
        case _:
            ended = said(day, "subscription_churned", account=account, subscription_id=f"{account}-core")
            return ended.replace(stream="revenue")


@pytest.mark.timeout(600)
def test_c3_to_c6_of_a_business_large_enough_for_intervals(source: Source) -> None:
    decoded = decode(list(messages(plant(seed=9, accounts=800, lift=0.1), date(2026, 1, 1))), vocabulary=shipped())
    accounts, dice = sorted({event.account_id for event in decoded.events}), random.Random(4)
    source = anew(source)
    source.model.take(decoded.events, {})
    before = told(source, YEAR)
    assert before[0]["lifts"]["nrr"]["low"] is not None
    for number in range(4):
        source.model.take([late(8 * number + one, dice, accounts) for one in range(8)], {})
        assert told(source, YEAR) == told(anew(source), YEAR)
    assert told(source, YEAR) != before
