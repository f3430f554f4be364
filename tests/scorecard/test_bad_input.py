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
