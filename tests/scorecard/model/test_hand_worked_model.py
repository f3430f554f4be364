"""R1 to R4: the read model gives exactly the printed figures of the hand-worked book, on each database."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest

from scorecard.family import Unit
from scorecard.model.database import Database
from scorecard.model.model import Model
from scorecard.model.terms import Terms
from scorecard.retention import grr, logo_retention, nrr, waterfall
from scorecard.sheet import Sheet
from scoring.event import Event
from tests.scorecard.hand_worked import BARS, PERIOD, RATES, cents, in_order, table

ROWS = table("Accounts")
WAYS = ("one by one", "together", "backwards, while the period is asked for")


def taken(database: Database, events: Sequence[Event], how: str = "together", unit: Unit = "account") -> Model:
    """A read model that took the events."""
    model = Model(database, Terms(RATES, unit))
    if how == "together":
        model.take(events, {})
        return model
    if how != "one by one":
        model.keep(PERIOD)
        events = events[::-1]
    for event in events:
        model.take([event], {})
    return model


def printed(row: dict[str, str]) -> dict[str, int]:
    return {column: cents(row[column]) for column in BARS if column in row}


def computed(of: Sheet, row: dict[str, str]) -> dict[str, int]:
    return {column: getattr(of, field) for column, field in BARS.items() if column in row}


@pytest.mark.parametrize("how", WAYS)
def test_the_read_model_gives_the_printed_figures_however_it_was_told(
    new_database: Callable[[], Database], how: str
) -> None:
    model = taken(new_database(), list(in_order(ROWS)), how)
    (row,) = table("The waterfall")
    whole = model.sheet(PERIOD)[()]
    assert computed(whole, row) == printed(row)
    assert waterfall(whole).gap == 0
    found = {one.entity: one.sheet for one in model.accounts(PERIOD, {}, limit=1_000).rows}
    for account in ROWS:
        assert computed(found.get(account["account"], Sheet()), account) == printed(account), account
    segments = {segment: one for (segment,), one in model.sheet(PERIOD, ["segment"]).items()} | {"all": whole}
    for ratios in table("All together"):
        for column, figure, scale in (("R1", logo_retention, 1), ("R2", grr, 100), ("R3", nrr, 100)):
            numerator, denominator = (Fraction(part) * scale for part in ratios[column].split("/"))
            of_cohort = figure(segments[ratios["cohort"]])
            assert (of_cohort.numerator, of_cohort.denominator) == (numerator, denominator)


@pytest.mark.parametrize("how", WAYS[:2])
def test_the_read_model_has_the_printed_issues(new_database: Callable[[], Database], how: str) -> None:
    model = taken(new_database(), list(in_order(ROWS)), how)
    for row in ROWS:
        issues = model.issues(account_id=row["account"]).rows
        assert sorted(one.reason for one in issues) == sorted(row["issues"].split()), row


def test_by_parent_a_family_is_one(new_database: Callable[[], Database]) -> None:
    (row,) = table("By parent")
    model = taken(new_database(), list(in_order(ROWS)), unit="parent")
    found = {one.entity: one.sheet for one in model.accounts(PERIOD, {}, limit=1_000).rows}
    assert computed(found[row["account"]], row) == printed(row)


def test_what_was_known_at_the_end_gives_the_figures_of_then(new_database: Callable[[], Database]) -> None:
    known_at = float((PERIOD.end.toordinal() - 719_163) * 86_400)
    for row in table("As it was known on 2026-07-01"):
        events = list(in_order([one for one in ROWS if one["account"] == row["account"]]))
        found = taken(new_database(), events).sheet(PERIOD, known_at=known_at)
        assert computed(found[()], row) == printed(row)
