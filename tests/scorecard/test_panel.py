"""The units of a study made of books: what accounts are matched on, and who is not among them."""

from datetime import date
from typing import Any

from scorecard.book import Book
from scorecard.panel import Bands, first_needed, survey
from scorecard.period import Period
from scorecard.rates import Rates
from scoring.days import DAY
from scoring.event import Event

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


BOOKS = {
    one.account_id: [one]
    for one in (
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
}


def test_a_unit_is_what_the_account_was_when_the_period_began() -> None:
    old, young, early = survey(BOOKS.values(), QUARTER, EURO, health={"old": 82.0, "young": 12.5}).units
    assert old.strata == {
        "segment": "enterprise", "industry": "retail", "product": "core", "tenure": ">=1095", "start": "3 of 3",
        "health": ">=70",
    }  # fmt: skip
    assert old.covariates == {"tenure_days": 2000.0, "start": 1000_00.0, "health": 82.0}
    assert old.amounts == (1000_00, 400_00, 400_00, 0, 600_00, 0)
    assert (young.strata["tenure"], young.strata["health"], young.strata["start"]) == ("<365", "<40", "2 of 3")
    assert (early.strata["segment"], early.strata["health"]) == ("(none)", "(none)")


def test_c1_exposure_counts_from_the_first_day_of_the_window_to_the_last_before_the_period() -> None:
    old, young, early = survey(BOOKS.values(), QUARTER, EURO).units
    assert (old.exposed, old.programmes, old.crossed) == (True, frozenset({"academy", "council"}), False)
    assert (young.exposed, young.programmes, young.crossed) == (False, frozenset(), True)
    assert (early.exposed, early.crossed) == (False, False)


def test_who_had_no_revenue_when_the_period_began_is_no_unit() -> None:
    assert [unit.entity for unit in survey(BOOKS.values(), QUARTER, EURO).units] == ["old", "young", "early"]


def test_bands_are_cut_where_one_says() -> None:
    cut = Bands(tenure_days=(50,), health=(10.0,), start_bands=1)
    old, young, _ = survey(BOOKS.values(), QUARTER, EURO, health={"old": 9.0, "young": 10.0}, bands=cut).units
    assert (old.strata["tenure"], old.strata["health"], old.strata["start"]) == (">=50", "<10", "1 of 1")
    assert young.strata["health"] == ">=10"


def test_the_placebo_keeps_strata_and_exposure_and_takes_the_money_of_before() -> None:
    # false period: 92 days that end 90 before the quarter; young came later, early was touched within 90 days before it
    found = survey(BOOKS.values(), QUARTER, EURO).units
    (old,) = survey(BOOKS.values(), QUARTER, EURO).earlier
    assert (old.entity, old.start, old.end, old.exposed) == ("old", 1000_00, 1000_00, True)
    assert old.strata == found[0].strata


def test_all_days_that_a_study_with_its_placebo_looks_at_are_told() -> None:
    # 90 before, 92 of the false period, 90 before that
    needed = first_needed(QUARTER)
    assert (needed.start, needed.end) == (date(2025, 10, 2), QUARTER.end)
