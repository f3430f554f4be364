"""Bad input is refused or itemised with its field, its value and the limit; nothing is guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from scorecard.book import ISSUES_MAX, SUBSCRIPTIONS_MAX, Book
from scorecard.issue import REASONS
from scorecard.rates import Rates
from scorecard.traits import TRAITS_MAX
from scoring.event import Event

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("bad_input.yaml"))

RATES = Rates("EUR", {"USD": [(date(2025, 1, 1), Decimal("0.9"))]})


def event(number: int, said: dict[str, Any]) -> Event:
    properties = {"subscription_id": "s1", "product": "core", "currency": "EUR", **said}
    at = _at(properties.pop("day"))
    name = f"subscription_{properties.pop('event')}"
    plain = {key: str(value) if isinstance(value, date) else value for key, value in properties.items()}
    return Event("acme", "revenue", name, at, at, f"m-{number:04}", None, plain)


def group(at: float = 0.0, **traits: object) -> Event:
    return Event("acme", "accounts", "group", at, at, f"group-{at}", None, traits)


def _at(day: date) -> float:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_wrong_is_itemised_and_nothing_is_guessed(case: dict[str, Any]) -> None:
    book = Book("acme")
    if not case.get("unknown"):
        book.take(group(), RATES)
    arose = [one for number, said in enumerate(case["said"]) for one in book.take(event(number, said), RATES).issues]
    (found,) = book.issues
    assert arose == [found]
    should = case["issue"]
    assert (found.reason, found.field, found.value) == (should["reason"], should["field"], str(should["value"]))
    assert should["message"] in found.message
    assert sum(row.cents for row in book.movements) == case["arr"]


def test_every_reason_but_limits_has_a_case() -> None:
    limits, not_of_the_book = {"too_many", "too_late", "lapsed_correction"}, {"not_storable", "core_error"}
    assert {case["issue"]["reason"] for case in CASES} == set(REASONS) - limits - not_of_the_book


def test_a_late_start_settles_what_was_wrong_without_it() -> None:
    book = Book("acme")
    book.take(group(), RATES)
    churned = book.take(event(1, {"day": date(2026, 2, 1), "event": "churned"}), RATES)
    started = book.take(event(0, {"day": date(2026, 1, 1), "event": "started", "arr": 10}), RATES)
    assert [one.reason for one in churned.issues] == ["churn_before_start"]
    assert started.settled == churned.issues
    assert book.issues == []
    assert started.touched == date(2026, 1, 1)
    assert [row.kind.value for row in book.movements] == ["new", "churn"]


def test_a_group_call_settles_that_the_account_is_unknown() -> None:
    book = Book("acme")
    unknown = book.take(event(0, {"day": date(2026, 1, 1), "event": "started", "arr": 10}), RATES).issues
    assert book.take(group(segment="smb"), RATES).settled == unknown
    assert book.issues == []


def test_subscriptions_beyond_the_limit_are_refused_and_said_to_be() -> None:
    book = Book("acme")
    for number in range(SUBSCRIPTIONS_MAX):
        said = {"day": date(2026, 1, 1), "event": "started", "arr": 1, "subscription_id": f"s-{number}"}
        book.take(event(number, said), RATES)
    one_more = {"day": date(2026, 1, 2), "event": "started", "arr": 1, "subscription_id": "one more"}
    (found,) = book.take(event(SUBSCRIPTIONS_MAX, one_more), RATES).issues
    assert (found.reason, found.value) == ("too_many", "one more")
    assert str(SUBSCRIPTIONS_MAX) in found.message
    assert sum(row.cents for row in book.movements) == SUBSCRIPTIONS_MAX * 100


def test_refused_events_beyond_the_limit_are_counted() -> None:
    book = Book("acme")
    for number in range(ISSUES_MAX + 3):
        book.take(event(number, {"day": date(2026, 1, 1), "event": "started", "arr": -1}), RATES)
    assert (len(book.refused), book.refused_earlier) == (ISSUES_MAX, 3)


def test_traits_beyond_the_limit_are_refused_and_said_to_be() -> None:
    book = Book("acme")
    book.take(group(**{f"trait {number}": number for number in range(TRAITS_MAX)}), RATES)
    (found,) = book.take(group(1.0, segment="smb"), RATES).issues
    assert (found.reason, found.field, found.value) == ("too_many", "properties.segment", "smb")


@pytest.mark.parametrize("kind", ["cross_sell", "cross-sell", "Cross-Sell "])
def test_a_kind_of_expansion_may_be_spelt_as_it_is_printed(kind: str) -> None:
    book = Book("acme")
    book.take(group(), RATES)
    book.take(event(0, {"day": date(2026, 1, 1), "event": "started", "arr": 10}), RATES)
    book.take(event(1, {"day": date(2026, 2, 1), "event": "expanded", "arr": 20, "kind": kind}), RATES)
    assert ([row.kind.value for row in book.movements], book.issues) == (["new", "cross_sell"], [])


def test_what_kind_means_of_other_events_is_their_own_matter() -> None:
    book = Book("acme")
    book.take(group(), RATES)
    book.take(event(0, {"day": date(2026, 1, 1), "event": "started", "arr": 10, "kind": "annual"}), RATES)
    book.take(event(1, {"day": date(2026, 2, 1), "event": "churned", "kind": ["voluntary"]}), RATES)
    assert book.issues == []


def test_a_renewal_is_not_said_to_be_before_the_first_rate_since_it_holds_later() -> None:
    book = Book("acme")
    book.take(group(), RATES)
    dollars = {"currency": "USD", "arr": 10}
    started = {"day": date(2024, 1, 1), "event": "started", "renews_at": date(2025, 1, 1), **dollars}
    book.take(event(0, started), RATES)
    book.take(event(1, {"day": date(2024, 12, 1), "event": "renewed", **dollars}), RATES)
    assert [one.message_id for one in book.issues] == ["m-0000"]


def test_a_start_that_is_no_date_is_itemised_once_however_often_it_is_synced() -> None:
    book = Book("acme")
    arose = [book.take(group(float(at), start_date=said), RATES).issues for at, said in enumerate(STARTS)]
    assert [[one.value for one in found] for found in arose] == [["in May"], [], ["soon"], [], []]
    assert {(one.reason, one.field) for one in book.issues} == {("bad_date", "properties.start_date")}
    assert book.traits.newest("start_date") == "2026-05-01"


STARTS = ("in May", "in May", "soon", "in May", " 2026-05-01 ")


def other(name: str, **properties: object) -> Event:
    at = _at(date(2026, 1, 1))
    return Event("acme", "advocacy", name, at, at, f"{name}-{properties}", None, properties)


@pytest.mark.parametrize("name", ["referral_pipeline_opened", "referral_won", "referral_lost"])
def test_an_amount_of_a_referral_that_can_not_be_is_itemised_once(name: str) -> None:
    """H6: the referral counts all the same, see scorecard/facets/advocacy.py."""
    book = Book("acme")
    said = other(name, amount=-500, currency="EUR")
    (found,) = [one for _ in range(2) for one in book.take(said, RATES).issues]
    assert (found.reason, found.field, found.value) == ("negative_price", "properties.amount", "-500")
    assert book.take(other(name, amount=500, currency="EUR"), RATES).issues == ()
    assert book.take(other(name), RATES).issues == (), "nobody has to say one"
    assert [one.reason for one in book.issues] == ["negative_price"]


def test_a_spend_and_an_opportunity_before_the_first_rate_count_and_are_itemised() -> None:
    """E2, E3"""
    book = Book("acme")
    early = {"amount": 1000, "currency": "USD", "opportunity_id": "o"}
    for name in ("spend_recorded", "opportunity_opened"):
        change = book.take(other(name, **early).replace(at=_at(date(2023, 1, 1))), RATES)
        assert [one.reason for one in change.issues] == ["before_first_rate"]
    assert ([one.cents for one in book.spends], [one.cents for one in book.dealings]) == ([900_00], [900_00])
