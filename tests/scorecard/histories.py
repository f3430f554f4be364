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


MOMENTS = (0, 1, 31, 59, 90, 91, 151, 181, 212, 228, 273, 365)
"""Days after FIRST on which things are said and hold: few, so that they meet; periods and rates begin on some."""


def said(account_id: str, *, foreign: bool, bad: bool) -> st.SearchStrategy[Event]:
    """One revenue event, whose message is one of few hundred."""
    moments = st.sampled_from(MOMENTS)
    currencies = ("EUR", "EUR", "USD", "USD", "JPY", *(("XXX",) if bad else ())) if foreign else ("EUR",)
    messages = st.integers(0, 300).map(lambda number: f"{account_id}-{number}")

    def made(name: str, day: int, clock: float, late: float, message_id: str, properties: dict[str, Any]) -> Event:
        at = instant(day, clock)
        given_properties = {key: value for key, value in properties.items() if value is not None}
        return Event(account_id, "revenue", f"subscription_{name}", at, at + late, message_id, None, given_properties)

    properties = st.fixed_dictionaries(
        {
            "subscription_id": st.sampled_from(("s-1", "s-1", "s-2", None)),
            "product": st.sampled_from(("core", "core", "plan", None)),
            "arr": st.sampled_from(ARRS + BAD_ARRS if bad else ARRS),
            "currency": st.sampled_from(currencies),
            "renews_at": st.sampled_from((None, None, 59, 91, 181, 228, 400)).map(_iso),
            "effective_at": st.sampled_from((None, None, None, None, 0, 31, 91, 212, 228)).map(_iso),
            "kind": st.sampled_from((None, None, "usage", "upsell", "cross_sell")),
        }
    )
    names = st.sampled_from(("started", "started", *NAMES))
    clocks, lates = st.sampled_from((0.0, 43_200.0)), st.sampled_from((0.0, 0.0, 60.0, 90 * DAY))
    return st.builds(made, names, moments, clocks, lates, messages, properties)


def _iso(day: int | None) -> str | None:
    return None if day is None else iso(day)


@st.composite
def history(
    draw: st.DrawFn, account_id: str = "acme", *, foreign: bool = True, bad: bool = False, most: int = 12
) -> list[Event]:
    """The revenue events of one account, in the order in which they happened; some correct another one."""
    one = said(account_id, foreign=foreign, bad=bad)
    events = draw(st.lists(one, max_size=most, unique_by=lambda event: event.message_id))
    if len(events) > 1 and draw(st.booleans()):
        first, last = events[0], events[-1]
        corrects = draw(st.sampled_from((first.message_id, "nobody's")))
        events[-1] = last.replace(properties={**last.properties, "corrects": corrects})
        if draw(st.booleans()):  # a correction of the correction; of two events a circle
            again = events[len(events) // 2 - 1]
            events[len(events) // 2 - 1] = again.replace(properties={**again.properties, "corrects": last.message_id})
    return sorted(events, key=lambda event: (event.at, event.message_id))


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
