"""An account of many facts keeps a bounded number of them, and its figures."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from scorecard.book import Book
from scorecard.folding import FACTS_MAX, FOLDED_MIN, fold
from scorecard.issue import Issue
from scorecard.movement import Movement, Posting
from scorecard.period import Period
from scorecard.phase import UNBORN
from scorecard.record import pack, unpack
from scorecard.sheet import sheet
from scoring.event import Event
from tests.scorecard.histories import FIRST, RATES, instant, iso, standing

SUBSCRIPTIONS = 5


def said(day: int, name: str, subscription: int, **properties: object) -> Event:
    at = instant(day, subscription)
    given = {
        "subscription_id": f"s-{subscription}",
        "product": f"p-{subscription % 2}",
        "currency": "EUR",
        **properties,
    }
    return Event("acme", "revenue", f"subscription_{name}", at, at, f"m-{day}-{subscription}", None, given)


def history(days: int) -> Iterator[Event]:
    """Subscriptions that move daily by turns, are renewed early, and end and come back; one pays in dollars."""
    for day in range(days):
        number = day % SUBSCRIPTIONS
        if day < SUBSCRIPTIONS:
            yield said(day, "started", number, arr=100, renews_at=iso(day + 90))
        elif day % 451 == 0:
            yield said(day, "churned", number)
        elif day % 89 == 0:
            yield said(day, "renewed", number, arr=100 + day, renews_at=iso(day + 97))
        else:
            currency = "USD" if number == 3 else "EUR"
            name = "reactivated" if day % 451 < SUBSCRIPTIONS * 2 else "expanded"
            yield said(day, name, number, arr=day % 37 * 10, currency=currency)


@pytest.fixture(scope="module")
def folded() -> tuple[Book, list[Posting]]:
    book, postings = Book("acme"), list[Posting]()
    for event in history(2 * FACTS_MAX):
        change = book.take(event, RATES)
        postings += change.postings
        assert not [one for one in change.issues if one.reason.startswith("too_")]
        assert book.revenue.count <= FACTS_MAX
    return book, postings


def test_figures_after_the_fold_are_those_of_the_whole_ledger(folded: tuple[Book, list[Posting]]) -> None:
    book, postings = folded
    assert book.revenue.folded > 0
    rows = standing(postings)
    day = date.fromordinal(book.revenue.folded)
    for start in (day, day + timedelta(days=100), day + timedelta(days=701)):
        period = Period(start, start + timedelta(days=400), "some")
        assert sheet(book.movements, period, RATES) == sheet(rows, period, RATES)
    assert [row for row in rows if row.on >= day] == [row for row in standing_rows(book) if row.on >= day]


def standing_rows(book: Book) -> list[Movement]:
    return sorted(book.movements, key=lambda row: (row.on, row.kind != "fx", row[1:]))


def test_a_late_fact_still_restates_what_is_not_folded(folded: tuple[Book, list[Posting]]) -> None:
    book = unpack("acme", pack(folded[0]))
    newest = said(2 * FACTS_MAX, "expanded", 1, arr=70)
    book.take(newest, RATES)
    day = book.revenue.folded - FIRST.toordinal() + 3
    late = said(day, "expanded", 1, arr=7_777).replace(message_id="late")
    change = book.take(late, RATES)
    assert change.touched == date.fromordinal(book.revenue.folded + 3)
    assert any(posting.reverses for posting in change.postings)


def test_what_is_older_than_the_fold_is_refused_and_said_to_be(folded: tuple[Book, list[Posting]]) -> None:
    book = unpack("acme", pack(folded[0]))
    old = said(10, "expanded", 1, arr=5).replace(message_id="old")
    (found,) = book.take(old, RATES).issues
    assert (found.reason, found.field, found.value) == ("too_late", "timestamp", "2025-01-11T00:00:01Z")
    assert str(date.fromordinal(book.revenue.folded)) in found.message
    before = list(book.movements)
    backdated = said(2 * FACTS_MAX, "expanded", 1, arr=5, effective_at=iso(10))
    (found,) = book.take(backdated, RATES).issues
    assert (found.reason, found.field, found.value) == ("too_late", "properties.effective_at", iso(10))
    assert book.movements == before


def test_the_record_is_bounded(folded: tuple[Book, list[Posting]]) -> None:
    assert len(pack(folded[0])) < 512 * 1024


def test_where_nothing_can_be_folded_further_facts_are_refused_and_said_to_be() -> None:
    """All was said early for a late day."""
    book = Book("acme")
    for number in range(FACTS_MAX):
        planned = said(number, "expanded", 1, arr=number, effective_at=iso(10_000)).replace(message_id=f"m-{number}")
        book.take(planned, RATES)
    change = book.take(said(FACTS_MAX, "expanded", 1, arr=5), RATES)
    assert [(one.reason, one.message) for one in change.issues] == [
        ("too_many", f"the account has {FACTS_MAX} facts, the limit, and they can't be folded at any day")
    ]
    assert book.revenue.count == FACTS_MAX


def test_a_correction_that_is_folded_before_its_original_comes_is_itemised_and_both_count() -> None:
    """Nothing of it is lost silently: the book says so, and the ledger's issue of it takes the earlier one's place."""
    book, issues, settled = Book("acme"), list[Issue](), list[Issue]()
    first = said(0, "started", 9, arr=50)
    early = said(1, "expanded", 9, arr=70, corrects="original").replace(message_id="correction")
    for event in (first, early, *history(FACTS_MAX)):
        change = book.take(event, RATES)
        issues += change.issues
        settled += change.settled
    assert book.revenue.folded > 0
    (lapsed,) = [one for one in issues if one.reason == "lapsed_correction"]
    assert (lapsed.message_id, lapsed.field, lapsed.value) == ("correction", "properties.corrects", "original")
    assert lapsed.message == (
        f"'original' had not come when what held before {date.fromordinal(book.revenue.folded)} was folded: should it"
        " come, both count"
    )
    assert [one.reason for one in settled if one.message_id == "correction"] == ["unknown_correction"]
    assert lapsed in unpack("acme", pack(book)).issues
    original = said(FACTS_MAX + 1, "expanded", 9, arr=90).replace(message_id="original")
    assert [(row.on, row.cents) for row in (one.movement for one in book.take(original, RATES).postings)] == [
        (FIRST + timedelta(days=FACTS_MAX + 1), 20_00)
    ]


def test_few_facts_are_not_worth_folding() -> None:
    book = Book("acme")
    for event in history(FOLDED_MIN - 1):
        book.take(event, RATES)
    assert fold({key: (known.facts, UNBORN) for key, known in book.revenue.subscriptions.items()}) is None
