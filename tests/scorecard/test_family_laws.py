"""Laws of entities: accounts that are one are told as one."""

from collections import Counter
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scorecard.family import entity, reclassified
from scorecard.movement import Kind
from scorecard.retention import waterfall
from scorecard.sheet import sheet, total
from scoring.event import Event
from tests.scorecard.histories import PERIODS, RATES, history, taken

IDS = st.sampled_from("abcde")


@given(history())
def test_one_account_by_itself_stays_as_it_is(events: list[Event]) -> None:
    book, _ = taken(events)
    assert reclassified(book.movements) == sorted(
        book.movements, key=lambda row: (row.on, row.kind is not Kind.FX, row.product, row.currency)
    )


@given(history("a"), history("b"))
def test_two_accounts_as_one_have_the_same_money_and_their_own_waterfall(one: list[Event], other: list[Event]) -> None:
    """R1 to R4: amounts add up, whatever their kinds become; it is retained where either was there at both ends."""
    books = [taken(one, account_id="a")[0], taken(other, account_id="b")[0]]
    rows = reclassified(row for book in books for row in book.movements)
    assert Counter(row._replace(kind=Kind.FX) for row in rows) == Counter(
        row._replace(kind=Kind.FX) for book in books for row in book.movements
    )
    for period in PERIODS:
        of = sheet(rows, period, RATES)
        apart = total(sheet(book.movements, period, RATES) for book in books)
        assert waterfall(of).gap == 0
        assert (of.start, of.total_end, of.fx) == (apart.start, apart.total_end, apart.fx)
        assert (of.n_start, of.n_end) == (min(apart.n_start, 1), min(apart.n_end, 1))
        assert of.n_retained >= min(apart.n_retained, 1)
        assert of.kept >= apart.kept


@given(history("a"), history("b"))
def test_an_entity_is_new_once_and_churns_only_to_nothing(one: list[Event], other: list[Event]) -> None:
    books = [taken(one, account_id="a")[0], taken(other, account_id="b")[0]]
    rows = reclassified(row for book in books for row in book.movements)
    assert len({row.on for row in rows if row.kind is Kind.NEW}) <= 1
    for day in {row.on for row in rows if row.kind is Kind.CHURN}:
        assert sum(row.cents for row in rows if row.on < day + timedelta(days=1)) == 0


@given(st.dictionaries(IDS, IDS), st.dictionaries(IDS, IDS))
def test_what_stands_for_an_account_stands_for_itself(merged: dict[str, str], parents: dict[str, str]) -> None:
    """Even in circles, which data from outside may have."""
    for account in "abcde":
        assert entity(entity(account, merged, parents), merged, parents) == entity(account, merged, parents)
        top = entity(account, merged, parents, "parent")
        assert entity(top, merged, parents, "parent") == top
