"""What an account was when, and which cohort that makes."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.cohort import NONE, cohort
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.traits import STATEMENTS_MAX, Traits
from scoring.event import Event
from tests.scorecard.histories import instant

EURO = Rates("EUR")
QUARTER = Period.parse("2025-Q2")
PLAN, CORE = ({"subscription_id": product, "product": product, "arr": 10} for product in ("plan", "core"))

STATEMENTS = st.lists(
    st.tuples(st.integers(0, 9).map(float), st.sampled_from("abcdefgh"), st.sampled_from(("smb", "mid", "enterprise"))),
    max_size=20,
    unique_by=lambda one: one[1],
)


def book(*said: tuple[str, dict[str, Any]]) -> Book:
    """A book of group calls and subscriptions, each with its day."""
    made = Book("acme")
    for number, (day, traits) in enumerate(said):
        at = instant((date.fromisoformat(day) - date(2025, 1, 1)).days, 3_600.0)
        name = "subscription_started" if "arr" in traits else "group"
        made.take(Event("acme", "accounts", name, at, at, f"m-{number}", None, traits), EURO)
    return made


@given(st.data(), STATEMENTS)
def test_the_order_of_arrival_does_not_matter(data: st.DataObject, said: list[tuple[float, str, str]]) -> None:
    one, other = Traits(), Traits()
    for at, message_id, value in said:
        one.take(at, message_id, {"segment": value})
    for at, message_id, value in [*data.draw(st.permutations(said)), *said[:3]]:
        other.take(at, message_id, {"segment": value})
    assert one.said == other.said


@given(STATEMENTS, st.floats(0, 10))
def test_the_newest_statement_before_an_instant_holds_then(said: list[tuple[float, str, str]], at: float) -> None:
    traits = Traits()
    for when, message_id, value in said:
        traits.take(when, message_id, {"segment": value})
    found = traits.value("segment", at)
    before = [when for when, _, _ in said if when < at]
    candidates = {value for when, _, value in said if when == (max(before) if before else min(one[0] for one in said))}
    assert (found in candidates) if said else found is None


def test_repetition_is_forgotten_before_change_is() -> None:
    traits = Traits()
    traits.take(0.0, "first", {"segment": "smb"})
    for number in range(1, 10 * STATEMENTS_MAX):
        traits.take(float(number), f"m-{number}", {"segment": "smb" if number < 300 else "enterprise"})
    assert len(traits.said["segment"]) <= STATEMENTS_MAX
    assert [traits.value("segment", at) for at in (1.0, 299.5, 300.0, 300.5, 1e9)] == [
        "smb",
        "smb",
        "smb",
        "enterprise",
        "enterprise",
    ]


def test_of_too_many_changes_the_newest_are_kept_and_the_oldest_kept_reaches_back() -> None:
    traits = Traits()
    for number in range(STATEMENTS_MAX + 10):
        traits.take(float(number), f"m-{number}", {"seats": number})
    assert traits.value("seats", 1e9) == str(STATEMENTS_MAX + 9)
    assert traits.value("seats", 3.0) == "10"


@pytest.mark.parametrize(
    ("value", "text"),
    [("  smb ", "smb"), (250, "250"), (True, "true"), (2.5, "2.5"), (None, None), ("", None), ([1], None), ({}, None)],
)
def test_values_are_short_texts(value: object, text: str | None) -> None:
    traits = Traits()
    traits.take(1.0, "m-1", {"trait": value})
    assert traits.newest("trait") == text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("2025-01-01", {"segment": "smb"})], "smb"),
        ([("2025-01-01", {"segment": "smb"}), ("2025-05-05", {"segment": "enterprise"})], "smb"),
        ([("2025-01-01", {"segment": "smb"}), ("2025-03-31", {"segment": "enterprise"})], "enterprise"),
        ([("2025-05-05", {"segment": "smb"}), ("2025-06-05", {"segment": "enterprise"})], "smb"),
        ([("2025-07-05", {"segment": "smb"})], NONE),
        ([("2025-01-01", {"industry": "retail"})], NONE),
        ([("2025-03-31", PLAN), ("2025-05-05", {"segment": "smb"})], NONE),
        ([("2025-04-01", PLAN), ("2025-05-05", {"segment": "smb"})], "smb"),
    ],
)
def test_an_account_is_of_the_cohort_of_the_periods_start(
    said: list[tuple[str, dict[str, Any]]], expected: str
) -> None:
    """A change inside the period does not move it, nor does what was first said inside; one that came inside is of what
    it was first.
    """
    assert cohort([book(*said)], "segment", QUARTER) == expected


def test_a_stage_is_the_same_however_it_is_written() -> None:
    assert cohort([book(("2025-01-01", {"stage": "Expand"}))], "stage", QUARTER) == "expand"


def test_a_product_mix_is_what_was_held_at_the_start_else_what_was_bought_first() -> None:
    assert cohort([book(("2025-01-01", PLAN), ("2025-02-01", CORE))], "product", QUARTER) == "core + plan"
    assert cohort([book(("2025-05-01", PLAN), ("2025-06-01", CORE))], "product", QUARTER) == "plan"
    assert cohort([book(("2025-08-01", PLAN))], "product", QUARTER) == NONE


def test_a_start_month_is_what_was_said_else_that_of_the_first_revenue() -> None:
    revenue = ("2025-05-01", {"subscription_id": "s", "product": "core", "arr": 10})
    assert cohort([book(revenue)], "start_month", QUARTER) == "2025-05"
    assert cohort([book(revenue, ("2025-06-01", {"start_date": "2024-11-30"}))], "start_month", QUARTER) == "2024-11"
    assert cohort([book()], "start_month", QUARTER) == NONE


def test_a_stage_is_a_trait_that_comes_by_its_own_event() -> None:
    made = Book("acme")
    made.take(
        Event("acme", "cs", "journey_stage_changed", instant(5), instant(5), "m-1", None, {"stage": "adopt"}), EURO
    )
    assert cohort([made], "stage", QUARTER) == "adopt"


@pytest.mark.parametrize("name", ["parent", "merged_into"])
def test_an_empty_text_takes_a_parent_or_a_merge_back_and_says_nothing_of_another_trait(name: str) -> None:
    found = book(("2025-01-01", {name: "other", "segment": "smb"}), ("2025-02-01", {name: " ", "segment": ""}))
    assert [found.trait(name, date(2025, month, 2)) for month in (1, 3)] == ["other", None]
    assert (found.traits.newest(name), found.traits.newest("segment")) == (None, "smb")
    found = book(("2025-01-01", {name: ""}), ("2025-02-01", {name: "other"}))
    assert found.traits.newest(name) == "other"
