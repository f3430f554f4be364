"""A3 to A6: hand-worked months, each with its arithmetic."""

from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest

from scorecard.adoption import WHOLE_MONTHS, breadth, depth, feature_adoption, features, healthy_usage
from scorecard.facets.facet import Known
from scorecard.facets.facet_sheet import FacetSheet
from scorecard.facets.facets import Facets
from scorecard.facets.usage import FEATURES_MAX, MONTHS_MAX, USERS_MAX
from scorecard.period import Period
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


def test_a4_and_a5_of_days_within_a_month_know_people_and_days_and_say_why_not_events() -> None:
    """A4, 31 January to 1 February: bob on both days; how many events nobody knows, since they are kept by month."""
    found = facets(*ACME).sheet(Period.parse("2026-01-31..2026-02-02"))
    events, days = depth(found)
    assert told(events.value, events.reason) == (None, WHOLE_MONTHS)
    assert told(days.value, days.numerator, days.denominator) == (2, 2, 1)
    assert breadth(found)[0].value == 1
    assert breadth(found)[1].reason == WHOLE_MONTHS


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
