"""The demo's simulated history, through the wire and into books."""

from collections import Counter
from datetime import date
from decimal import Decimal

from scorecard.book import Book
from scorecard.period import Period
from scorecard.rates import Rates
from scorecard.retention import grr, nrr, waterfall
from scorecard.sheet import sheet, total
from streams.simulate import simulate
from streams.vocabulary import shipped
from streams.wire import decode

RATES = Rates("USD", {"EUR": [(date(2020, 1, 1), Decimal("1.1")), (date(2025, 11, 1), Decimal("1.2"))]})


def test_what_is_simulated_makes_books_that_close_and_of_which_only_old_starts_are_missing() -> None:
    """R2 to R4. Contracts older than the history begin in it with a renewal: itemised, and nothing else is wrong."""
    scenario = simulate(seed=7, accounts=60, days=150)
    books: dict[str, Book] = {}
    for event in decode(list(scenario.messages), vocabulary=shipped()).events:
        books.setdefault(event.account_id, Book(event.account_id)).take(event, RATES)
    assert Counter(one.reason for book in books.values() for one in book.issues).keys() == {"not_started"}
    quarter = Period.parse("2025-Q4")
    sheets = [sheet(book.movements, quarter, RATES) for book in books.values()]
    whole = total(sheets)
    assert whole.n_start > 30
    assert all(waterfall(of).gap == 0 for of in sheets)
    gross, net = grr(whole).value, nrr(whole).value
    assert gross is not None
    assert net is not None
    assert 0 < gross <= 1
    assert gross <= net
