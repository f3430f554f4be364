"""Laws of the book: what it knows does not depend on how it came to know."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.movement import Kind, Posting
from scorecard.period import Period
from scorecard.record import pack, unpack
from scorecard.retention import grr, nrr, waterfall
from scorecard.sheet import Sheet, inside, sheet, sheets_by_product, total
from scoring.event import Event
from tests.scorecard.histories import EURO, PERIODS, RATES, history, instant, snapshot, standing, taken, value

MONEY = (
    "start", "end", "total_end", "new", "reactivation", "upsell", "cross_sell", "usage", "contraction", "churn", "fx",
    "returned", "outside",
)  # fmt: skip


@given(st.data(), history(bad=True))
def test_any_arrival_order_and_duplicates_give_the_same_movements_and_issues(
    data: st.DataObject, events: list[Event]
) -> None:
    book, _ = taken(events)
    shuffled = data.draw(st.permutations(events))
    again = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    other, postings = taken([*shuffled, *again])
    assert other.movements == book.movements
    assert sorted(other.issues) == sorted(book.issues)
    assert standing(postings) == sorted(book.movements, key=lambda row: (row.on, row.kind != "fx", row[1:]))


@given(st.data(), history(bad=True))
def test_issues_that_arose_and_were_not_settled_are_those_that_are_there(
    data: st.DataObject, events: list[Event]
) -> None:
    book, open_issues = Book("acme"), list[object]()
    for event in data.draw(st.permutations(events)):
        change = book.take(event, RATES)
        for one in change.settled:
            open_issues.remove(one)
        open_issues += change.issues
    assert sorted(map(str, open_issues)) == sorted(map(str, book.issues))


@given(st.data(), history(bad=True))
def test_a_packed_book_goes_on_like_one_that_was_not(data: st.DataObject, events: list[Event]) -> None:
    arrivals = data.draw(st.permutations(events))
    whole, postings = taken(arrivals)
    book, posted = Book("acme"), list[Posting]()
    for event in arrivals:
        book = unpack("acme", pack(book))
        posted += book.take(event, RATES).postings
    assert posted == postings
    assert pack(book) == pack(whole)


@given(st.data(), history())
def test_what_was_posted_by_an_instant_gives_the_figures_that_were_computed_then(
    data: st.DataObject, events: list[Event]
) -> None:
    """Bitemporal: the ledger up to `known_at` T is the ledger as it stood at T."""
    book, postings = Book("acme"), list[Posting]()
    then = list[tuple[float, list[Sheet]]]()
    for event in data.draw(st.permutations(events)):
        postings += book.take(event, RATES).postings
        then.append((book.revenue.known_at, [sheet(book.movements, period, RATES) for period in PERIODS]))
    last = dict(then)
    for known_at, figures in last.items():
        rows = standing(posting for posting in postings if posting.known_at <= known_at)
        assert [sheet(rows, period, RATES) for period in PERIODS] == figures


@given(history())
def test_the_waterfall_closes_to_the_cent_and_agrees_with_snapshots(events: list[Event]) -> None:
    """R4: bars add up; start and end are what the snapshots say; the headline differs by what is itemised."""
    book, _ = taken(events)
    for period in PERIODS:
        of = sheet(book.movements, period, RATES)
        assert waterfall(of).gap == 0
        assert of.start == value(book, period.start) == snapshot(events, period.start)
        assert of.total_end == value(book, period.end) == snapshot(events, period.end)
        there = book.revenue.held(period.end).items()
        at_constant = sum(RATES.convert(held.native, key[1], period.start - timedelta(days=1)) for key, held in there)
        assert of.end == (at_constant if of.start > 0 else 0)
        within = of.upsell + of.cross_sell + of.usage + of.contraction + of.churn
        assert of.end == of.start + within + of.returned - of.outside
        assert of.expansion_outside == (0 if of.n_start else of.upsell + of.cross_sell + of.usage)


@given(history(foreign=False))
def test_in_one_currency_the_headline_is_the_snapshots(events: list[Event]) -> None:
    """R2, R3: end is what is there at the end, and no rate has part in it."""
    book, _ = taken(events, EURO)
    for period in PERIODS:
        of = sheet(book.movements, period, EURO)
        assert of.fx == 0
        assert of.end == (of.total_end if of.start > 0 else 0)
        assert all(row.kind is not Kind.FX for row in book.movements)


@given(st.lists(history(most=6), max_size=6), st.lists(st.integers(0, 2), min_size=6, max_size=6))
def test_cohorts_add_up_to_the_whole_and_none_keeps_more_than_it_had(
    histories: list[list[Event]], places: list[int]
) -> None:
    """R1, R2, R3 of cohorts: GRR <= min(1, NRR); sheets of a partition add up."""
    books = [taken(events)[0] for events in histories]
    for period in PERIODS:
        sheets = [sheet(book.movements, period, RATES) for book in books]
        cohorts = [total(of for of, place in zip(sheets, places, strict=False) if place == here) for here in range(3)]
        assert total(cohorts) == total(sheets)
        for cohort in cohorts:
            gross, net = grr(cohort).value, nrr(cohort).value
            assert (gross is None) == (net is None) == (cohort.start <= 0)
            if gross is not None and net is not None:
                assert 0 <= gross <= 1
                assert gross <= net
            assert 0 <= cohort.n_retained <= cohort.n_start


@given(history())
def test_products_add_up_to_the_account(events: list[Event]) -> None:
    """Money by product adds up; products together keep no more than the account does."""
    book, _ = taken(events)
    for period in PERIODS:
        of = sheet(book.movements, period, RATES)
        parts = sheets_by_product(book.movements, period, RATES)
        whole = total(parts.values())
        assert {name: getattr(whole, name) for name in MONEY} == {name: getattr(of, name) for name in MONEY}
        assert whole.kept <= of.kept
        assert whole.products_end == of.products_end
        assert all(waterfall(part).gap == 0 for part in parts.values())


@given(history())
def test_kinds_mean_what_they_say(events: list[Event]) -> None:
    """Of rows of a day: churn leaves nothing, new and reactivation begin from nothing, contraction only takes."""
    book, _ = taken(events)
    days = sorted({row.on for row in book.movements})
    ever = False
    for day in days:
        rows = [row for row in book.movements if row.on == day and row.kind is not Kind.FX]
        kinds = {row.kind for row in rows}
        fx = sum(row.cents for row in book.movements if row.on == day and row.kind is Kind.FX)
        before = value(book, day) + fx
        after = before + sum(row.cents for row in rows)
        assert after >= 0
        assert (Kind.CHURN in kinds) == (before > 0 and after == 0 and bool(rows))
        assert (Kind.NEW in kinds) == (before == 0 and after > 0 and not ever)
        assert (Kind.REACTIVATION in kinds) == (before == 0 and after > 0 and ever)
        ever = ever or after > 0


@given(history(most=40))
def test_a_long_history_in_order_is_the_same_as_backwards(events: list[Event]) -> None:
    book, _ = taken(events)
    other, _ = taken(reversed(events))
    assert book.movements == other.movements
    assert pack(book) == pack(unpack("acme", pack(book)))


def test_a_renewal_without_a_price_on_the_day_of_the_end_takes_the_end_back() -> None:
    """In order and backwards: the price is the one before the end."""

    def event(number: int, name: str, day: int, **said: object) -> Event:
        at = instant(day, number)
        return Event(
            "acme", "revenue", f"subscription_{name}", at, at, f"m-{number}", None, {"subscription_id": "s", **said}
        )

    said = [event(1, "started", 0, arr=70, currency="EUR"), event(2, "churned", 50), event(3, "renewed", 50)]
    for events in (said, said[::-1]):
        book, _ = taken(events)
        assert [row.cents for row in book.movements] == [7000]


@given(history(), st.sampled_from(PERIODS))
def test_movements_inside_a_period_add_up_to_its_bars(events: list[Event], period: Period) -> None:
    """R4, C6: each kind at the rates at which the period opens, so that what is shared out is what is shown."""
    book, _ = taken(events)
    of = sheet(book.movements, period, RATES)
    rows = list(inside(book.movements, period, RATES))
    assert {row.kind.value for row in rows} <= {kind.value for kind in Kind} - {"fx"}
    for kind in Kind:
        if kind is not Kind.FX:
            assert sum(row.cents for row in rows if row.kind is kind) == getattr(of, kind.value)
    assert min(of.upsell, of.cross_sell, of.usage, -of.contraction) >= 0
