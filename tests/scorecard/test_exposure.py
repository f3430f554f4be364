"""C1 and C2: what had touched an account before its revenue moved."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.exposure import (
    EXPOSING,
    WITHIN_DAYS,
    Coverage,
    Exposing,
    by_contact,
    coverage,
    covered,
    exposure,
    touches,
)  # fmt: skip
from scorecard.family import movements_of
from scorecard.rates import Rates
from scorecard.tally import Tally
from scorecard.touchpoint import Touchpoint
from scoring.days import DAY
from scoring.event import Event

JULY_1 = 20_635 * DAY  # 2026-07-01T00:00:00Z
ON = date(2026, 7, 1)


def touch(at: float, programme: str = "academy", contact: str | None = "ann") -> Touchpoint:
    return Touchpoint("acme", contact, programme, at, f"m-{at}")


def test_c1_the_window_holds_the_first_instant_of_its_first_day_and_not_the_day_itself() -> None:
    first = JULY_1 - WITHIN_DAYS * DAY
    assert exposure([touch(first - 0.001)], ON) is None
    assert exposure([touch(first)], ON) is not None
    assert exposure([touch(JULY_1 - 0.001)], ON) is not None
    assert exposure([touch(JULY_1)], ON) is None, "the day of the movement is not before it"
    assert exposure([], ON) is None


def test_c1_programmes_are_told_once_and_persons_counted_where_named() -> None:
    found = exposure(
        [touch(JULY_1 - 300.0), touch(JULY_1 - 200.0, "council", "bob"), touch(JULY_1 - 100.0, "academy", None)], ON
    )
    assert found == (("academy", "council"), 2, JULY_1 - 100.0)


def test_c1_by_contact_tells_each_person_and_nobody_last() -> None:
    found = by_contact(
        [
            touch(JULY_1 - 400.0, "event", None),
            touch(JULY_1 - 300.0, "academy", "bob"),
            touch(JULY_1 - 200.0, "council", "ann"),
            touch(JULY_1 - 100.0, "academy", "bob"),
            touch(JULY_1, "community", "cid"),
        ],
        ON,
    )
    assert list(found) == ["ann", "bob", None]
    assert found["bob"] == (("academy",), 1, JULY_1 - 100.0)
    assert found[None] == (("event",), 0, JULY_1 - 400.0)


@given(st.lists(st.floats(-200 * DAY, 10 * DAY), max_size=20), st.integers(1, 200))
def test_c1_the_window_is_what_a_look_at_every_touchpoint_gives(offsets: list[float], days: int) -> None:
    marks = [touch(JULY_1 + offset) for offset in sorted(offsets)]
    expected = [mark for mark in marks if JULY_1 - days * DAY <= mark.at < JULY_1]
    assert list(touches(marks, ON, days)) == expected


def of_families(families: Sequence[Sequence[Book]], exposing: Exposing = EXPOSING) -> Coverage:
    return coverage(Tally.total(covered(books, movements_of(books), exposing) for books in families))


def book(account: str, *events: tuple[str, float, str | None, dict[str, object]]) -> Book:
    made = Book(account)
    for place, (name, at, user, said) in enumerate(events):
        made.take(Event(account, "revenue", name, at, at, f"{account}-{place}", user, said), Rates("EUR"))
    return made


def test_c2_accounts_contacts_and_movements_with_data_are_counted() -> None:
    arr = {"subscription_id": "s", "product": "core", "currency": "EUR"}
    books = [
        book(
            "a",
            ("subscription_started", JULY_1 - 100 * DAY, None, {**arr, "arr": 100}),
            ("touchpoint", JULY_1 - 5 * DAY, "ann", {"kind": "academy"}),
            ("touchpoint", JULY_1 - 4 * DAY, None, {"kind": "academy"}),
            ("subscription_expanded", JULY_1, None, {**arr, "arr": 400}),
        ),
        book("b", ("subscription_started", JULY_1, None, {**arr, "arr": 600})),
    ]
    found = of_families([[one] for one in books])
    assert [found.accounts.numerator, found.accounts.denominator] == [1, 2]
    assert [found.contacts.value, found.contacts.n] == [1, 1]
    assert [found.movements.numerator, found.movements.denominator] == [1, 3]


def test_c2_merged_accounts_are_one_and_touched_together() -> None:
    """Who was touched was merged away: its touchpoint links what the other one bought."""
    arr = {"subscription_id": "s", "product": "core", "currency": "EUR"}
    absorbed = book(
        "old",
        ("touchpoint", JULY_1 - 5 * DAY, "ann", {"kind": "academy"}),
        ("touchpoint", JULY_1 - 4 * DAY, "ann", {"kind": "newsletter"}),
    )
    family = [book("a", ("subscription_started", JULY_1, None, {**arr, "arr": 100})), absorbed]
    for programmes, linked in ((None, 1), (["academy"], 1), (["council"], 0)):
        found = of_families([family, [book("b")]], Exposing(programmes=programmes))
        assert [found.accounts.numerator, found.accounts.denominator] == [1, 2]
        assert [found.movements.numerator, found.movements.denominator] == [linked, 1]
        assert [found.contacts.value, found.contacts.n] == [1, 1]


def test_c2_without_anything_what_is_no_count_says_why() -> None:
    accounts, contacts, movements = of_families([])
    assert [accounts.reason, movements.reason] == ["no account is known", "revenue never moved"]
    assert contacts.value == 0
