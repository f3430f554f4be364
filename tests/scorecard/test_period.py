"""Periods: what may be written, what they hold, and which came before."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.period import Period, month_of, quarter_of, shifted


@pytest.mark.parametrize(
    ("text", "start", "end", "previous"),
    [
        ("2026", "2026-01-01", "2027-01-01", "2025"),
        ("2026-Q1", "2026-01-01", "2026-04-01", "2025-Q4"),
        ("2026-Q4", "2026-10-01", "2027-01-01", "2026-Q3"),
        ("2026-01", "2026-01-01", "2026-02-01", "2025-12"),
        ("2024-02", "2024-02-01", "2024-03-01", "2024-01"),
        ("2026-W01", "2025-12-29", "2026-01-05", "2025-W52"),
        ("2026-W53", "2026-12-28", "2027-01-04", "2026-W52"),
        ("2026-03-01", "2026-03-01", "2026-03-02", "2026-02-28"),
        ("2026-01-01..2026-01-11", "2026-01-01", "2026-01-11", "2025-12-22..2026-01-01"),
        ("12m to 2026-07", "2025-08-01", "2026-08-01", "12m to 2025-07"),
        (" 2026-Q1 ", "2026-01-01", "2026-04-01", "2025-Q4"),
    ],
)
def test_a_period_is_what_its_text_says(text: str, start: str, end: str, previous: str) -> None:
    period = Period.parse(text)
    assert (period.start, period.end) == (date.fromisoformat(start), date.fromisoformat(end))
    assert period.previous().label == previous
    assert Period.parse(previous)[:2] == period.previous()[:2]


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-Q5", "2026-13", "2025-W53", "2026-02-30", "2026-01-02..2026-01-01", "2026-01-01..2026-01-01",
     "0m to 2026-01", "9999m to 2026-01", "0000", "0001", "1899-W52", "2200", "9999", "2026-q1", "last month",
     "\uff12\uff10\uff12\uff16", "2026-Q\u0663", "2026-0\u0cef", "\u0662026-01-01..2026-02-01", "\u09e72m to 2026-01"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"period .*write one of 2026, 2026-Q3"):
        Period.parse(text)


@given(st.dates(date(1990, 1, 1), date(2190, 1, 1)))
def test_months_and_quarters_hold_their_days_and_their_labels_mean_them(day: date) -> None:
    for period in (month_of(day), quarter_of(day)):
        assert period.contains(day)
        assert Period.parse(period.label) == period
        assert period.previous().end == period.start


@given(st.dates(date(1990, 1, 1), date(2190, 1, 1)), st.integers(-500, 500))
def test_shifting_by_months_keeps_the_day_or_takes_the_last(day: date, months: int) -> None:
    moved = shifted(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (
        moved.day < day.day and shifted(moved.replace(day=1), 1).toordinal() == moved.toordinal() + 1
    )


@given(st.dates(date(1990, 1, 1), date(2190, 1, 1)), st.integers(1, 1_000))
def test_the_months_of_a_period_touch_it_and_follow_each_other(day: date, days: int) -> None:
    period = Period(day, date.fromordinal(day.toordinal() + days), "some")
    months = period.months()
    assert months[0].contains(period.start)
    assert months[-1].contains(date.fromordinal(period.end.toordinal() - 1))
    assert all(one.end == after.start for one, after in pairwise(months))
