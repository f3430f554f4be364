"""Counts and sums of events, and how they compare with the account's own past."""

from collections.abc import Callable
from math import sqrt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from scoring.account import Account, first_day
from scoring.cells.cell import HORIZON_DAYS
from scoring.cells.days import Days
from scoring.cells.entities import Entities, count
from scoring.cells.key import Key
from scoring.cells.sums import DaySums, Decayed, window
from scoring.days import DAY
from scoring.document import Duration
from scoring.layout import Layout
from scoring.metrics.metric import Metric, Read, Reading, Values, Window, span
from scoring.selector import Selector

ADDITIVE = ("events", "active_days")
"""What adds up over days; everything else is distinct things, which do not."""

Measure = Callable[[Account, int, int], float]
"""(account, first day, last day) -> amount over those days, both included."""

BASELINE_DAYS_MIN = 28
"""Days of own past without which there is no baseline: four of each weekday."""

HALF_LIFE_S_MIN = 3_600.0
"""A sum that halves faster only says whether something happened just now, which no score is about."""


def _lasting(seconds: float) -> float:
    if seconds < HALF_LIFE_S_MIN:
        raise ValueError("must be at least 1h")
    return seconds


class Amount(Metric, Selector):
    """Events counted, or one of their properties summed: over a window, or decaying with a half-life."""

    kind: Literal["count", "sum"]
    window: Window | None = Field(None, description="Days that count, today included.")
    half_life: Annotated[Duration, AfterValidator(_lasting)] | None = Field(
        None, description="Instead of a window: each amount halves in this time."
    )
    property: str | None = Field(None, description="`sum` only: the numeric property that is summed.")
    per: Literal["user", "active_day"] | None = Field(None, description="Divide by the distinct users or active days.")

    @model_validator(mode="after")
    def _complete(self) -> "Amount":
        if (self.window is None) == (self.half_life is None):
            raise ValueError("give either `window` or `half_life`")
        if (self.kind == "sum") != (self.property is not None):
            raise ValueError("`property` goes with kind `sum`, and `sum` needs it")
        if self.per and self.window is None:
            raise ValueError("`per` needs a `window`")
        return self

    def compile(self, layout: Layout) -> Reading:
        if self.half_life is not None:
            half_life, of = self.half_life, self.property
            index = layout.cell("decayed", self, lambda: Decayed(of, half_life), of, half_life)

            def decayed(account: Account, at: float, day: int, values: Values) -> float | None:
                state = account.cells[index]
                return None if state is None else state[0] * 0.5 ** ((at - state[1]) / half_life)

            return Reading(decayed, index, drifts="falls" if self.kind == "count" else "any")
        days = int((self.window or DAY) / DAY)
        index = layout.cell("sums", self, lambda: DaySums(self.property), self.property)

        def total(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else window(state, day - days + 1, day)

        if self.per is None:
            return Reading(total, index, drifts="falls" if self.kind == "count" else "any")
        return Reading(_per(total, _counter(self.per, self, layout), days), index)


class AgainstPast(Metric, Selector):
    """What the metrics share that hold the newest window against the account's own past before it."""

    window: Window
    before: Window = Field(description="The days before the window that it is compared with.")

    @model_validator(mode="after")
    def _remembered(self) -> "AgainstPast":
        if self.before < BASELINE_DAYS_MIN * DAY:
            raise ValueError(f"`before` must be at least {BASELINE_DAYS_MIN}d: four of each weekday make a baseline")
        if self.window + self.before > HORIZON_DAYS * DAY:
            raise ValueError(
                f"`window` and `before` together must be at most {HORIZON_DAYS}d, which is all that is kept"
            )
        return self


class Trend(AgainstPast):
    """The newest window against the account's own past before it: mean per day over mean per day, 1 = as before.

    Missing while there is less than `BASELINE_DAYS_MIN` of past (for distinct things: less than the window's length),
    and where that past is empty.
    """

    kind: Literal["trend"]
    of: str = Field("events", description="events, active_days, user, feature, role or a property (distinct ones).")

    @model_validator(mode="after")
    def _comparable(self) -> "Trend":
        if self.of not in ADDITIVE and self.before < self.window:
            raise ValueError("`before` must be at least as long as `window`: distinct things do not add up over days")
        return self

    def compile(self, layout: Layout) -> Reading:
        days, past = int(self.window / DAY), int(self.before / DAY)
        measure, index = _measure(self.of, self, layout)
        distinct = self.of not in ADDITIVE
        needed = max(BASELINE_DAYS_MIN, days) if distinct else BASELINE_DAYS_MIN

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            if account.cells[index] is None:
                return None
            start = day - days
            known = min(past, start - first_day(account) + 1)
            if known < needed:
                return None
            if distinct:  # distinct things do not add up over days: compare windows of the same length
                spans = known // days
                total = sum(measure(account, start - (i + 1) * days + 1, start - i * days) for i in range(spans))
                before = total / spans
                return measure(account, start + 1, day) / before if before else None
            before = measure(account, start - known + 1, start) / known
            return measure(account, start + 1, day) / days / before if before else None

        return Reading(read, index, known_from=lambda account: (first_day(account) + days + needed - 1) * DAY)


class Deviation(AgainstPast):
    """How far the newest complete days are from what the same weekdays brought before, in standard deviations.

    expected = sum over the window's days of the mean of their weekday in the baseline; variance = the weekdays' sample
    variances added up, plus `expected` (counts scatter at least as a Poisson count does). Today is left out: it is not
    over. Missing while there is less than `BASELINE_DAYS_MIN` of past, and where that had nothing on these weekdays.
    """

    kind: Literal["deviation"]

    def compile(self, layout: Layout) -> Reading:
        days, past = int(self.window / DAY), int(self.before / DAY)
        index = layout.cell("sums", self, lambda: DaySums(None), None)

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            if state is None:
                return None
            start = day - days
            known = min(past, start - first_day(account))
            if known < BASELINE_DAYS_MIN:
                return None
            return _deviation(state, start, day, start - known)

        return Reading(read, index, known_from=lambda account: (first_day(account) + days + BASELINE_DAYS_MIN) * DAY)


def _deviation(state: dict[int, float], start: int, end: int, baseline: int) -> float | None:
    """z of the days start..end-1 against baseline..start-1."""
    sums, squares, sizes = [0.0] * 7, [0.0] * 7, [0] * 7
    for weekday in range(7):
        sizes[weekday] = (start - baseline) // 7 + (1 if (weekday - baseline) % 7 < (start - baseline) % 7 else 0)
    actual = 0.0
    for day, amount in state.items():
        if baseline <= day < start:
            sums[day % 7] += amount
            squares[day % 7] += amount * amount
        elif start <= day < end:
            actual += amount
    expected = variance = 0.0
    for day in range(start, end):
        weekday = day % 7
        mean = sums[weekday] / sizes[weekday]
        expected += mean
        variance += max(0.0, (squares[weekday] - sizes[weekday] * mean * mean) / (sizes[weekday] - 1))
    return (actual - expected) / sqrt(variance + expected) if expected else None


def _counter(of: str, selector: Selector, layout: Layout) -> tuple[int, bool]:
    """The cell that counts users (True) or active days (False) of the selected events."""
    if of == "user":
        return layout.cell("entities", selector, lambda: Entities(Key("user")), "user"), True
    return layout.cell("days", selector, Days), False


def _per(total: Read, counter: tuple[int, bool], days: int) -> Read:
    index, users = counter

    def read(account: Account, at: float, day: int, values: Values) -> float | None:
        amount, state = total(account, at, day, values), account.cells[index]
        if amount is None or state is None:
            return None
        mask = span(account, day - days + 1, day)
        n = count(state, mask) if users else (state & mask).bit_count()
        return amount / n if n else None

    return read


def _measure(of: str, selector: Selector, layout: Layout) -> tuple[Measure, int]:
    """How to measure a span of days, and the cell that it is read from."""
    if of == "events":
        index = layout.cell("sums", selector, lambda: DaySums(None), None)
        return (lambda account, first, last: window(account.cells[index], first, last)), index
    if of == "active_days":
        index = layout.cell("days", selector, Days)
        return (lambda account, first, last: (account.cells[index] & span(account, first, last)).bit_count()), index
    index = layout.cell("entities", selector, lambda: Entities(Key(of)), of)
    return (lambda account, first, last: count(account.cells[index], span(account, first, last))), index
