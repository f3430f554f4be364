"""The units of a study made of books: what accounts are matched on, and who is not among them."""

from typing import Any

import pytest

from scorecard.book import Book
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.survey import Bands, Survey
from scorecard.unit import Unit
from scoring.days import DAY
from scoring.event import Event
from tests.scorecard.units import units

EURO = Rates("EUR")
QUARTER = Period.parse("2026-Q3")
JULY_1 = 20_635 * DAY
"""2026-07-01T00:00:00Z."""


def book(account: str, *events: tuple[str, float, dict[str, Any]]) -> Book:
    """`events`: name, days from the quarter's first, properties."""
    made = Book(account)
    for place, (name, day, said) in enumerate(events):
        at = JULY_1 + day * DAY
        more = {"subscription_id": "s", "product": "core", "currency": "EUR"} if "arr" in said else {}
        made.take(Event(account, "revenue", name, at, at, f"{account}-{place}", "ann", {**more, **said}), EURO)
    return made


BOOKS = [
    (number, [one])
    for number, one in enumerate(
        (
            book(
                "old",
                ("group", -2000, {"segment": "enterprise", "industry": "retail"}),
                ("subscription_started", -2000, {"arr": 1000}),
                ("touchpoint", -90, {"kind": "academy"}),
                ("touchpoint", -1, {"kind": "council"}),
                ("group", 5, {"segment": "smb"}),
                ("subscription_contracted", 10, {"arr": 400}),
            ),
            book(
                "young",
                ("group", -100, {"segment": "smb"}),
                ("subscription_started", -100, {"arr": 100}),
                ("touchpoint", -91, {"kind": "academy"}),
                ("touchpoint", 0, {"kind": "academy"}),
            ),
            book("new", ("subscription_started", 3, {"arr": 100})),
            book("early", ("subscription_started", -500, {"arr": 70}), ("touchpoint", -260, {"kind": "event"})),
        )
    )
]


OLD, YOUNG, NEW, EARLY = range(4)


def surveyed(bands: Bands = Bands(), **health: float) -> list[Unit]:  # noqa: B008 - frozen
    return units(Survey(QUARTER, EURO, bands=bands).panel(BOOKS, health))


def test_a_unit_is_what_the_account_was_when_the_period_began() -> None:
    old, young, early = surveyed(old=82.0, young=12.5)
    assert old.strata == {
        "segment": "enterprise", "industry": "retail", "product": "core", "tenure": ">=1095", "start": "3 of 3",
        "health": ">=70",
    }  # fmt: skip
    assert old.covariates == {"tenure_days": 2000.0, "health": 82.0}
    assert old.amounts == (1000_00, 400_00, 400_00, 0, 600_00, 0)
    assert (young.strata["tenure"], young.strata["health"], young.strata["start"]) == ("<365", "<40", "2 of 3")
    assert (early.strata["segment"], early.strata["health"]) == ("(none)", "(none)")


def test_c1_exposure_counts_from_the_first_day_of_the_window_to_the_last_before_the_period() -> None:
    old, young, early = surveyed()
    assert (old.programmes, old.crossed) == (frozenset({"academy", "council"}), False)
    assert (young.programmes, young.crossed) == (frozenset(), True)
    assert (early.programmes, early.crossed) == (frozenset(), False)


def test_who_had_no_revenue_when_the_period_began_is_no_unit() -> None:
    assert [unit.number for unit in surveyed()] == [OLD, YOUNG, EARLY]


def test_bands_are_cut_where_one_says() -> None:
    cut = Bands(tenure_days=(50,), health=(10.0,), start_bands=1)
    old, young, _ = surveyed(cut, old=9.0, young=10.0)
    assert (old.strata["tenure"], old.strata["health"], old.strata["start"]) == (">=50", "<10", "1 of 1")
    assert young.strata["health"] == ">=10"


def test_the_placebo_takes_the_money_of_before() -> None:
    # false period: 92 days that end 90 before the quarter; young came later, early was touched within 90 days before it
    old, young, early = surveyed()
    assert old.before == (1000_00, 1000_00, 1000_00, 0, 0, 0)
    assert (young.before, early.before) == (None, None)


def test_the_score_of_an_entity_is_that_of_its_accounts_by_what_they_paid_when_the_period_began() -> None:
    """By hand: (1000 * 80 + 70 * 40) / 1070 = 77.38; new paid nothing yet."""
    family = [book for number, (book,) in BOOKS if number in (OLD, EARLY, NEW)]
    scores = {"old": 80.0, "early": 40.0, "new": 1.0}
    (one,) = units(Survey(QUARTER, EURO).panel([(9, family)], scores))
    assert one.covariates["health"] == pytest.approx(82_800 / 1070)
    assert one.strata["health"] == ">=70"
