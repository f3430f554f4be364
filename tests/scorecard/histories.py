"""Strategies for what may be said about the revenue of an account: every event, dates of every kind, corrections."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.movement import Movement, Posting
from scorecard.period import Period
from scorecard.rates import Rates
from scoring.event import Event

DAY = 86_400.0
FIRST = date(2025, 1, 1)
DAYS = 400
"""From FIRST on: what is said lies within."""

EURO = Rates("EUR")
RATES = Rates(
    "EUR",
    {
        "USD": [
            (date(2024, 1, 1), Decimal("0.9")),
            (date(2025, 4, 1), Decimal("0.85")),
            (date(2025, 8, 17), Decimal(1)),
        ],
        "JPY": [(date(2025, 1, 1), Decimal("0.00613")), (date(2025, 7, 1), Decimal("0.00587"))],
    },
)

NAMES = ("started", "renewed", "expanded", "contracted", "churned", "reactivated")
ARRS = (1200, 600, 950.55, 0, "2400.01", 100)
BAD_ARRS = (-1, None, "lots", True, 1e13)

PERIODS = [
    Period.parse(text)
    for text in (
        "2025",
        "2025-Q1",
        "2025-Q2",
        "2025-Q3",
        "2025-08",
        "2025-W33",
        "12m to 2026-01",
        "2025-04-02..2025-06-30",
    )
]


def instant(day: int, clock: float = 0.0) -> float:
    """Unix seconds, some days after FIRST."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    return (start + timedelta(days=day)).timestamp() + clock


def iso(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


@st.composite
def said(draw: st.DrawFn, account_id: str, number: int, *, foreign: bool, bad: bool) -> Event:
    """One revenue event."""
    day = draw(st.integers(0, DAYS))
    name = draw(st.sampled_from(NAMES))
    properties: dict[str, Any] = {
        "subscription_id": draw(st.sampled_from(("s-1", "s-2", "s-3", None))),
        "product": draw(st.sampled_from(("core", "core", "plan", None))),
        "arr": draw(st.sampled_from(ARRS + BAD_ARRS if bad else ARRS)),
        "currency": draw(st.sampled_from(("EUR", "USD", "JPY", "XXX") if bad else ("EUR", "USD", "JPY")))
        if foreign
        else "EUR",
        "renews_at": draw(st.none() | st.integers(0, DAYS + 200).map(iso)),
        "effective_at": draw(st.none() | st.none() | st.integers(0, DAYS + 50).map(iso)),
        "kind": draw(st.sampled_from((None, None, "usage", "upsell", "cross_sell"))),
        "corrects": draw(
            st.sampled_from((None, None, None, None, f"{account_id}-{number - 1}", f"{account_id}-{number + 1}"))
        ),
    }
    at = instant(day, draw(st.sampled_from((0.0, 43_200.0, 86_399.0))))
    late = draw(st.sampled_from((0.0, 0.0, 60.0, 3 * DAY, 90 * DAY)))
    given_properties = {key: value for key, value in properties.items() if value is not None}
    return Event(
        account_id, "revenue", f"subscription_{name}", at, at + late, f"{account_id}-{number}", None, given_properties
    )


@st.composite
def history(
    draw: st.DrawFn, account_id: str = "acme", *, foreign: bool = True, bad: bool = False, most: int = 14
) -> list[Event]:
    """The revenue events of one account, in the order in which they happened."""
    count = draw(st.integers(0, most))
    return sorted(
        (draw(said(account_id, number, foreign=foreign, bad=bad)) for number in range(count)),
        key=lambda event: event.at,
    )


def taken(events: Iterable[Event], rates: Rates = RATES, account_id: str = "acme") -> tuple[Book, list[Posting]]:
    """A book that took the events, and all that it posted."""
    book, postings = Book(account_id), list[Posting]()
    for event in events:
        postings += book.take(event, rates).postings
    return book, postings


def standing(postings: Iterable[Posting]) -> list[Movement]:
    """The movements that the postings come to: those that were not taken back."""
    rows = dict[Movement, int]()
    for posting in postings:
        row = posting.undone if posting.reverses else posting.movement
        rows[row] = rows.get(row, 0) + (-1 if posting.reverses else 1)
    assert set(rows.values()) <= {0, 1}, "a movement was taken back that did not stand, or was posted twice"
    return sorted((row for row, count in rows.items() if count), key=lambda row: (row.on, row.kind != "fx", row[1:]))


def value(book: Book, on: date) -> int:
    """Recurring revenue when the day starts, by adding up rows."""
    return sum(row.cents for row in book.movements if row.on < on)


def snapshot(events: Sequence[Event], on: date, rates: Rates = RATES) -> int:
    """The same at the rates of the day before, by another way: a book that only knows what holds by then."""
    book, _ = taken(events, rates)
    held = book.revenue.held(on)
    return sum(rates.convert(one.native, currency, on - timedelta(days=1)) for (_, currency), one in held.items())
