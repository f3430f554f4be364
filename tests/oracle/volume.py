"""How much and how broadly: counts, sums, distinct things, active days, and these against the account's own past.

Here and in the other modules of metrics each function takes the metric's declaration (read as data) and a `Case`, and
gives the value, or None when it is missing. The definitions are the docstrings and field descriptions of
`scoring/metrics`; where these leave something open, a comment says what is taken.
"""

from collections import defaultdict
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, variance
from typing import Any

from tests.oracle.case import Case, days, in_window, selected, thing, things
from tests.oracle.history import between, day, number

BASELINE = timedelta(days=28)


def amount(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    amounts = [(e, 1.0 if spec.kind == "count" else number(e.properties.get(spec.property))) for e in events]
    known = [(e, n) for e, n in amounts if n is not None]
    if not known:
        return None
    if spec.half_life is not None:
        return sum(n * float(0.5 ** ((case.at - e.at) / spec.half_life)) for e, n in known)
    fresh = in_window(events, spec.window, case)
    total = sum(n for e, n in known if case.today - day(e.at) < days(spec.window))
    if spec.per is None:
        return total
    divisor = len(things(fresh, "user")) if spec.per == "user" else len({day(e.at) for e in fresh})
    return total / divisor if divisor else None


def trend(spec: Any, case: Case) -> float | None:
    distinct = spec.of not in ("events", "active_days")
    events = [e for e in selected(spec, case) if not distinct or thing(e, spec.of) is not None]
    if not events:
        return None

    def measure(first: date, last: date) -> int:
        found = between(events, first, last)
        if spec.of == "events":
            return len(found)
        return len({day(e.at) for e in found}) if spec.of == "active_days" else len(things(found, spec.of))

    one, length = timedelta(days=1), days(spec.window)
    start = case.today - length  # the last day of the past
    known = min(days(spec.before), start - day(case.history.arrivals[0]) + one)
    if known < BASELINE or (distinct and known < length):
        return None
    now = measure(start + one, case.today)
    if distinct:  # the mean of the whole windows that the known past holds
        ends = [start - i * length for i in range(known // length)]
        past = sum(measure(end - length + one, end) for end in ends) / len(ends)
        return now / past if past else None
    past = measure(start - known + one, start) / known.days
    return now / length.days / past if past else None


def deviation(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    if not events:
        return None
    start = case.today - days(spec.window)
    known = min(days(spec.before), start - day(case.history.arrivals[0]))
    if known < BASELINE:
        return None
    counts: dict[date, int] = defaultdict(int)
    for event in events:
        counts[day(event.at)] += 1
    baseline = [start - timedelta(days=i + 1) for i in range(known.days)]
    newest_days = [start + timedelta(days=i) for i in range(days(spec.window).days)]
    expected = scatter = 0.0
    for when in newest_days:
        alike = [counts[other] for other in baseline if other.weekday() == when.weekday()]
        expected += fmean(alike)
        scatter += variance(alike)
    # without any past on these weekdays there is nothing to deviate from
    return (sum(counts[when] for when in newest_days) - expected) / sqrt(scatter + expected) if expected else None


def distinct(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    return float(len(things(in_window(events, spec.window, case), spec.of))) if things(events, spec.of) else None


def share(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    if not things(events, spec.of):
        return None
    seen: dict[str, set[date]] = defaultdict(set)
    for event in in_window(events, spec.window, case):
        name = thing(event, spec.of)
        if name is not None:
            seen[name].add(day(event.at))
    # nobody in the window: nobody in the pattern either
    return sum(len(when) >= spec.days_min for when in seen.values()) / len(seen) if seen else 0.0


def active_days(spec: Any, case: Case) -> float | None:
    events = selected(spec, case)
    if not events:
        return None
    active = {day(e.at) for e in in_window(events, spec.window, case)}
    if spec.per == "week":  # by the Thursday on or before
        return float(len({when - timedelta(days=(when.weekday() - 3) % 7) for when in active}))
    return float(len(active))
