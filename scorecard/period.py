"""A stretch of whole UTC days, from a first one to before a last one."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

FORMS = "2026, 2026-Q3, 2026-07, 2026-W31, 2026-07-15, 2026-01-01..2026-04-01 (the last day excluded), 12m to 2026-07"

YEAR_MIN, YEAR_MAX = 1900, 2200
"""Events are of 1970 to 2199; periods look back from there. What is compared with them may lie before."""

MONTHS_MAX = 1_200
"""A century: no trailing window of a business is longer."""


class Period(NamedTuple):
    """Half open: the day `end` is the first that does not belong to it."""

    start: date
    end: date
    label: str

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Year, quarter, month, ISO week, day, a range of days, or months that end with a month; ValueError otherwise.

        >>> Period.parse("2026-Q3")
        Period(start=datetime.date(2026, 7, 1), end=datetime.date(2026, 10, 1), label='2026-Q3')
        >>> Period.parse("12m to 2026-07").start
        datetime.date(2025, 8, 1)
        """
        try:
            start, end = _read(text.strip())
            if start.year < YEAR_MIN or end > date(YEAR_MAX, 1, 1):
                raise ValueError(text)
        except (ValueError, OverflowError):
            raise ValueError(f"period {text!r}: write one of {FORMS}; from {YEAR_MIN} to {YEAR_MAX - 1}") from None
        return cls(start, end, text.strip())

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def contains(self, day: date) -> bool:
        return self.start <= day < self.end

    def months(self) -> list["Period"]:
        """The calendar months that it touches, oldest first, whole even where it holds only a part of one.

        >>> [month.label for month in Period.parse("2026-Q1").months()]
        ['2026-01', '2026-02', '2026-03']
        """
        months, day = [], self.start.replace(day=1)
        while day < self.end:
            months.append(month_of(day))
            day = months[-1].end
        return months

    def previous(self) -> "Period":
        """The period of the same kind that ends where this one starts: the quarter before a quarter.

        >>> Period.parse("2026-Q1").previous().label
        '2025-Q4'
        """
        return _previous(self)


EVER = Period(date.min, date.max, "ever")
"""All days that there are."""


def month_of(day: date) -> Period:
    """The calendar month that the day lies in."""
    start = day.replace(day=1)
    return Period(start, shifted(start, 1), f"{start:%Y-%m}")


def quarter_of(day: date) -> Period:
    """The calendar quarter that the day lies in."""
    start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return Period(start, shifted(start, 3), f"{start.year:04}-Q{start.month // 3 + 1}")


def week_of(day: date) -> Period:
    """The ISO week that the day lies in."""
    start = day - timedelta(days=day.weekday())
    return Period(start, start + timedelta(days=7), f"{start:%G-W%V}")


def part_of(period: Period) -> tuple[str, Period]:
    """What part of the calendar a period is (week, month, quarter, year, ever), if it is one, and the period by its
    usual label.

    >>> part_of(Period.parse("2026-07-01..2026-10-01"))[1].label
    '2026-Q3'
    """
    start = period.start
    year = Period(start.replace(month=1, day=1), shifted(start.replace(month=1, day=1), 12), f"{start:%Y}")
    usual = {"ever": EVER, "week": week_of(start), "month": month_of(start), "quarter": quarter_of(start), "year": year}
    for name, one in usual.items():
        if (one.start, one.end) == (start, period.end):
            return name, one
    return "", period


def called(start: date, end: date) -> Period:
    """The days `[start, end)` as a period, by its usual label where it has one."""
    return part_of(Period(start, end, f"{start}..{end}"))[1]


def trailing(months: int, last: Period) -> Period:
    """So many months, the last of which is this one."""
    return Period(shifted(last.end, -months), last.end, f"{months}m to {last.label}")


def shifted(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month.

    >>> shifted(date(2026, 1, 31), 1), shifted(date(2026, 3, 1), -12)
    (datetime.date(2026, 2, 28), datetime.date(2025, 3, 1))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _read(text: str) -> tuple[date, date]:
    if match := re.fullmatch(r"([0-9]{4})", text):
        start = date(int(match[1]), 1, 1)
        return start, shifted(start, 12)
    if match := re.fullmatch(r"([0-9]{4})-Q([1-4])", text):
        start = date(int(match[1]), int(match[2]) * 3 - 2, 1)
        return start, shifted(start, 3)
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
        start = date(int(match[1]), int(match[2]), 1)
        return start, shifted(start, 1)
    if match := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text):
        start = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return start, start + timedelta(days=7)
    if match := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})", text):
        start = date.fromisoformat(text)
        return start, start + timedelta(days=1)
    if match := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})", text):
        start, end = date.fromisoformat(match[1]), date.fromisoformat(match[2])
        if start < end:
            return start, end
    if (match := re.fullmatch(r"([0-9]{1,4})m to ([0-9]{4})-([0-9]{2})", text)) and 0 < int(match[1]) <= MONTHS_MAX:
        end = shifted(date(int(match[2]), int(match[3]), 1), 1)
        return shifted(end, -int(match[1])), end
    raise ValueError(text)


def _previous(period: Period) -> Period:
    start, label = period.start, period.label
    if re.fullmatch(r"[0-9]{4}", label):
        return Period(shifted(start, -12), start, f"{start.year - 1:04}")
    if "-Q" in label:
        return quarter_of(shifted(start, -3))
    if "-W" in label:
        return week_of(start - timedelta(days=7))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", label):
        return month_of(shifted(start, -1))
    if match := re.fullmatch(r"([0-9]{1,4})m to .*", label):
        return trailing(int(match[1]), month_of(shifted(start, -1)))
    before = start - (period.end - start)
    return Period(before, start, f"{before}" if period.days == 1 else f"{before}..{start}")
