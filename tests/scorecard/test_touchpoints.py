"""C1: touchpoints are kept by time, once each, and beyond the limit counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.book import Book
from scorecard.rates import Rates
from scorecard.record import pack, unpack
from scorecard.touchpoint import TOUCHPOINTS_MAX, Touchpoint, Touchpoints
from scoring.event import Event

EURO = Rates("EUR")


def touch(at: float, number: int, **properties: object) -> Event:
    return Event("acme", "advocacy", "touchpoint", at, at, f"m-{number}", "ann", properties)


@given(st.data(), st.lists(st.integers(0, 5), max_size=12))
def test_any_order_and_duplicates_leave_the_same_touchpoints(data: st.DataObject, times: list[int]) -> None:
    said = [touch(float(at), number, kind="academy") for number, at in enumerate(times)]
    book, other = Book("acme"), Book("acme")
    for one in said:
        assert book.take(one, EURO).touchpoint == Touchpoint("acme", "ann", "academy", one.at, one.message_id)
    new = [other.take(one, EURO).touchpoint for one in [*data.draw(st.permutations(said)), *said]]
    assert other.touchpoints == book.touchpoints
    assert len([one for one in new if one]) == len(said)
    assert unpack("acme", pack(other)).touchpoints == book.touchpoints


@pytest.mark.parametrize("properties", [{}, {"kind": 7}, {"kind": ""}, {"kind": "x" * 300}])
def test_a_touchpoint_without_a_programme_is_refused_and_said_to_be(properties: dict[str, object]) -> None:
    book = Book("acme")
    (found,) = book.take(touch(1.0, 1, **properties), EURO).issues
    assert (found.reason, found.field) == ("wrong_type", "properties.kind")
    assert "1 to 256 characters" in found.message
    assert not book.touchpoints


def test_a_touchpoint_that_is_sent_again_with_another_time_counts_once() -> None:
    """Its sender's clock was put right in between."""
    book = Book("acme")
    said = touch(1_000.0, 1, kind="academy")
    assert book.take(said, EURO).touchpoint
    again = unpack("acme", pack(book))
    for kept in (book, again):
        assert kept.take(said.replace(at=1_001.0), EURO).touchpoint is None
        assert [one.at for one in kept.touchpoints] == [1_000.0]


def test_beyond_the_limit_the_newest_are_kept_and_the_others_counted_by_programme() -> None:
    touchpoints = Touchpoints()
    for number in range(TOUCHPOINTS_MAX):
        touchpoints.take(Touchpoint("acme", None, "academy", 100.0 + number, f"m-{number}"))
    assert touchpoints.forgotten(100.0)
    assert not touchpoints.forgotten(101.0)
    touchpoints.take(Touchpoint("acme", None, "council", 1.0, "old"))
    touchpoints.take(Touchpoint("acme", None, "council", 1e9, "new"))
    assert len(touchpoints.kept) == TOUCHPOINTS_MAX
    assert touchpoints.kept[-1].message_id == "new"
    assert touchpoints.earlier == {"council": 1, "academy": 1}
