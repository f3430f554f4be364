"""A3 to A6: hand-worked months, each with its arithmetic."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.adoption import UNTOLD, breadth, depth, feature_adoption, features, healthy_usage
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.facets.usage import DAYS_MAX, FEATURES_MAX, MONTHS_MAX, USERS_A_DAY_MAX, USERS_MAX
from scorecard.period import Period
from scoring.days import iso
from tests.scorecard.facets.said import agreed, facets, said, told, used

JANUARY, Q1 = Period.parse("2026-01"), Period.parse("2026-Q1")

ACME = [
    used("2026-01-05", "ann", "board", role="admin"),
    used("2026-01-05", "ann", "board", role="admin", hour=10),
    used("2026-01-06", "ann", "export", role="admin"),
    used("2026-01-31", "bob", "board", role="maker"),
    used("2026-02-01", "bob", "chart", role="maker"),
    used("2026-02-02", "ann", "board", role="admin"),
]
"""January: 4 events, ann on 2 days, bob on 1. February: 2 events, bob on the 1st, ann on the 2nd."""

GLOBEX = [used("2026-01-09", "cyd", "board", account="globex"), used("2026-01-09", None, "chart", account="globex")]
"""January: 2 events, cyd on 1 day, and one event by nobody in particular."""


def cohort(period: Period) -> FacetSheet:
    return FacetSheet.total([facets(*ACME).sheet(period), facets(*GLOBEX).sheet(period)])


def test_a3_per_feature_counts_accounts_and_people() -> None:
    """A3, January: board by both accounts (ann, bob, cyd), chart by globex (nobody named), export by acme (ann)."""
    assert features(cohort(JANUARY)) == [("board", 2, 3), ("export", 1, 1), ("chart", 1, 0)]
    used_per_account, top = feature_adoption(cohort(JANUARY))
    assert used_per_account.value == Fraction(4, 2)  # acme: board, export; globex: board, chart
    assert told(top.value, top.n) == (1, 2)


def test_a3_a_person_who_uses_a_feature_in_two_months_is_one_person() -> None:
    """A3, the quarter: board by ann in both months and by bob: two people of acme, cyd of globex."""
    assert features(cohort(Q1))[0] == ("board", 2, 3)


def test_a4_events_and_days_per_person() -> None:
    """A4, January: 6 events / 3 people = 2; days ann 2 + bob 1 + cyd 1 = 4 / 3 people."""
    events, days = depth(cohort(JANUARY))
    assert told(events.value, days.value, days.n) == (2, Fraction(4, 3), 3)


def test_a3_to_a5_of_odd_days_and_of_weeks_are_known_of_the_newest_hundred_days() -> None:
    """A3, A4, A5, 31 January to 1 February: bob on both days, board and chart, 2 events by 1 person, as maker; and W05,
    26 January to 1 February: the same, since ann was not there."""
    for label in ("2026-01-31..2026-02-02", "2026-W05"):
        found = facets(*ACME).sheet(Period.parse(label))
        events, days = depth(found)
        assert told(events.value, events.numerator, events.denominator) == (2, 2, 1)
        assert told(days.value, days.numerator, days.denominator) == (2, 2, 1)
        assert told(breadth(found)[0].value, breadth(found)[1].value) == (1, 1)
        assert features(found) == [("board", 1, 1), ("chart", 1, 1)]


def test_a3_to_a5_of_older_odd_days_say_why_they_are_not_known_and_those_of_whole_months_are() -> None:
    """A3, A4, A5: people and days are still exact; of one account that is known and one that is not nothing is said."""
    later = used("2026-05-30", "ann", "board")
    odd = Period.parse("2026-01-31..2026-02-02")
    old, recent = (
        facets(*ACME, later).sheet(odd),
        facets(used("2026-02-01", "cyd", "board", account="globex")).sheet(odd),
    )
    for found in (old, FacetSheet.total([old, recent])):
        events, days = depth(found)
        assert told(events.value, events.reason, days.denominator) == (None, UNTOLD, found["usage/users"])
        assert {one.reason for one in (*feature_adoption(found), breadth(found)[1])} == {UNTOLD}
        assert features(found) == []
    assert depth(facets(*ACME, later).sheet(Q1))[0].numerator == len(ACME)


@given(st.data())
def test_any_days_among_the_newest_are_what_a_look_at_every_event_gives(data: st.DataObject) -> None:
    """A3, A4, A5"""
    dates = st.integers(0, DAYS_MAX - 1).map(lambda number: f"{date(2026, 1, 1) + timedelta(number)}")
    names = st.sampled_from(("ann", "bob", None))
    one = st.builds(used, dates, names, st.sampled_from(("board", "chart")), role=st.sampled_from(("admin", "maker")))
    events = [event.replace(message_id=f"m-{n}") for n, event in enumerate(data.draw(st.lists(one, max_size=30)))]
    start = date(2026, 1, 1) + timedelta(data.draw(st.integers(0, DAYS_MAX)))
    end = start + timedelta(data.draw(st.integers(1, 40)))
    found = facets(*data.draw(st.permutations(events))).sheet(Period(start, end, "odd"))
    inside = [event for event in events if str(start) <= iso(event.at)[:10] < str(end)]
    assert found["usage/events"] == len(inside)
    assert found["usage/told"] == found["usage/accounts"] == bool(inside)
    assert found["usage/roles"] == len({event.properties["role"] for event in inside})
    people = {
        feature: {one.user_id for one in inside if one.properties["feature"] == feature}
        for feature in ("board", "chart")
    }
    assert {name: count for name, _, count in features(found)} == {
        name: len(some - {None}) for name, some in people.items() if some
    }


def test_days_and_their_people_are_bounded() -> None:
    """A year of three hundred people every day."""
    usage = facets(
        *[
            used(f"{date(2025, 1, 1) + timedelta(day)}", f"user-{n}", "board")
            for day in range(0, 365, 5)
            for n in range(300)
        ]
    ).usage
    assert len(usage.days.kept) == DAYS_MAX // 5
    assert max(len(day.users) for day in usage.days.kept.values()) <= USERS_A_DAY_MAX


def test_a5_people_roles_and_seats() -> None:
    """A5, the quarter: people 2 + 1 = 3 over 2 accounts; roles admin, maker of acme and none of globex: 2 over 2;
    seats: acme bought 10 and globex said nothing: 2 of 10."""
    sheets = [facets(*ACME).sheet(Q1, Known({"seats": "10"})), facets(*GLOBEX).sheet(Q1, Known({"seats": "many"}))]
    people, roles, seats = breadth(FacetSheet.total(sheets))
    assert told(people.value, roles.value) == (Fraction(3, 2), 1)
    assert told(seats.value, seats.numerator, seats.denominator) == (Fraction(1, 5), 2, 10)


def test_a6_people_with_enough_days_in_the_last_days_of_the_period() -> None:
    """A6, 2 days of 28 up to 31 March: 4 to 31 March. ann on the 5th and the 30th: yes; bob only on the 30th: no; cyd
    on the 3rd and the 4th: only the 4th counts: no. 1 of 3."""
    events = [
        used("2026-03-05", "ann", "board"), used("2026-03-30", "ann", "board"), used("2026-03-30", "bob", "board"),
        used("2026-03-03", "cyd", "board"), used("2026-03-04", "cyd", "board"), used("2026-01-05", "dan", "board"),
    ]  # fmt: skip
    found = healthy_usage(facets(*events, healthy_usage={"days": 2, "window": "28d"}).sheet(Q1))
    assert told(found.value, found.numerator, found.denominator) == (Fraction(1, 3), 1, 3)


def test_a3_coming_and_going_are_no_features() -> None:
    """A3: a session and an invitation are no use of a feature, a product event of an unknown name is one."""
    session = said("2026-01-05", "session_started", "ann").replace(stream="usage")
    own = session.replace(name="Report Shared", message_id="m2")
    assert features(facets(session, own).sheet(JANUARY)) == [("Report Shared", 1, 1)]


def test_nothing_is_said_of_a_month_without_usage() -> None:
    found = facets(*ACME).sheet(Period.parse("2026-03"))
    assert [name for name in found.counts if name.startswith(("usage", "feature"))] == []
    assert feature_adoption(found)[0].reason == "nobody used the product in the period"


def test_people_beyond_the_limit_are_estimated_within_the_stated_error() -> None:
    """A5: 5,000 people in a month, of whom USERS_MAX are kept: four standard errors of 1.2 / sqrt(256)."""
    events = [used("2026-01-05", f"user-{number}", "board") for number in range(5_000)]
    found = facets(*events)
    (month,) = found.usage.months.values()
    assert len(month.users) <= USERS_MAX
    sheet = found.sheet(JANUARY)
    assert sheet["usage/sampled"] == 1
    assert sheet["usage/users"] == pytest.approx(5_000, rel=4 * 1.2 / USERS_MAX**0.5)
    assert sheet["feature_users/board"] == sheet["usage/users"]
    backwards = facets(*reversed(events)).sheet(JANUARY)
    assert backwards == sheet


def test_features_beyond_the_limit_are_the_same_whatever_came_first() -> None:
    events = [used("2026-01-05", "ann", f"feature-{number}") for number in range(FEATURES_MAX + 70)]
    forwards, backwards = facets(*events), facets(*reversed(events))
    assert len(forwards.usage.slots) == FEATURES_MAX
    assert forwards.sheet(JANUARY) == backwards.sheet(JANUARY)


def test_months_beyond_the_limit_are_the_newest_whatever_came_first() -> None:
    months = [f"{2020 + number // 12}-{number % 12 + 1:02}" for number in range(MONTHS_MAX + 9)]
    events = [used(f"{month}-03", "ann", "board") for month in months]
    for order in (events, events[::-1], events[::2] + events[1::2]):
        found = facets(*order)
        kept = [month for month in months if found.sheet(Period.parse(month))["usage/events"]]
        assert kept == months[-MONTHS_MAX:]
    assert all(later > earlier for earlier, later in pairwise(months))


def test_what_is_packed_comes_back_through_msgpack() -> None:
    before = facets(*ACME, said("2026-01-07", "nps_answered", "ann", score=9), said("2026-01-01", "account_created"))
    packed = msgspec.msgpack.encode(before.pack())
    after = Facets.unpack(agreed(), msgspec.msgpack.decode(packed))
    assert after.sheet(Q1) == before.sheet(Q1)
    for event in (used("2026-03-01", "ann", "board"), said("2026-03-02", "nps_answered", "ann", score=3)):
        before.take(event)
        after.take(event)
    assert after.sheet(Q1) == before.sheet(Q1)
