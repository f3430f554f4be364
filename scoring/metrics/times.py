"""How long ago, how long until, how long it took."""

from collections.abc import Callable
from math import ceil
from typing import Literal

from pydantic import Field, model_validator

from scoring.account import Account
from scoring.cells.cell import HORIZON_DAYS
from scoring.cells.span import Span
from scoring.days import CROSSED_S, DAY, day_of, instant
from scoring.document import Duration
from scoring.layout import DESCRIBED, EVERYTHING, SIGN, Layout
from scoring.metrics.metric import Metric, Reading, Values
from scoring.selector import Selector

GAP_DAYS_MAX = 30.0
"""Longest own rhythm that is believed: a long gap is itself a risk, and dividing by it would hide that."""

GAPS_MIN = 4
"""Gaps without which an account has no rhythm yet."""

GAP_QUANTILE = 0.9
"""The gap that nine of ten of the account's own gaps do not exceed: weekends and holidays are in it."""

RHYTHM_DAYS = 365
"""Days of arrivals that tell the own rhythm: a year up to the newest arrival, so that every season is in it."""


def typical_gap_days(account: Account) -> float | None:
    """The account's own rhythm: the 0.9 quantile (nearest rank) of the gaps between days with signs of life, in days.

    Over the year up to the newest of them, at most GAP_DAYS_MAX; None with fewer than GAPS_MIN gaps.
    """
    horizon = max(0, day_of(account.last_arrival) - HORIZON_DAYS - account.base)
    bits = account.arrivals >> horizon << horizon
    if account.gap[0] == bits:  # silence changes no gap, so what was found at the last arrival still holds
        return account.gap[1]
    recent = bits >> max(0, bits.bit_length() - 1 - RHYTHM_DAYS)
    gaps = sorted([len(zeros) + 1 for zeros in f"{recent:b}".split("1")[1:-1]])
    n = len(gaps)
    gap = min(GAP_DAYS_MAX, float(gaps[ceil(GAP_QUANTILE * n) - 1])) if n >= GAPS_MIN else None
    account.gap = bits, gap
    return gap


def _daily(account: Account, at: float) -> float:
    return 1.0


class Silence(Metric):
    """Days since a sign of life arrived (see the profile's `signs_of_life`), whenever it happened.

    Missing before the first.
    """

    kind: Literal["silence"]

    def compile(self, layout: Layout) -> Reading:
        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            return (at - account.last_sign) / DAY if account.last_sign else None

        return Reading(read, rate=_daily, drifts="none", touched_by=SIGN)


class Rhythm(Metric):
    """Silence in units of the account's own typical gap: up to 1 is as usual, 5 is five times as long.

    Missing while the account has no rhythm yet.
    """

    kind: Literal["rhythm"]

    def compile(self, layout: Layout) -> Reading:
        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            gap = typical_gap_days(account)
            return None if gap is None else (at - account.last_sign) / DAY / gap

        return Reading(
            read,
            rate=lambda account, at: 1.0 / (typical_gap_days(account) or GAP_DAYS_MAX),
            drifts="none",
            touched_by=EVERYTHING,
        )


class TimeSince(Metric, Selector):
    """Days since the last such event happened; missing when there was none."""

    kind: Literal["time_since"]

    def compile(self, layout: Layout) -> Reading:
        index = layout.cell("span", self, Span)

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else max(0.0, at - state[1]) / DAY

        return Reading(read, index, rate=_daily, drifts="none")


class TimeToFirst(Metric, Selector):
    """Days from the account's start to its first such event (A1).

    `report: reached` - missing until it is reached (censored: never a zero, never a guess);
    `report: waiting` - days waited so far, missing once it is reached;
    `report: within` - 1 when reached within `within`, 0 when that time is over, missing while it runs (A2).
    The start is the trait `start_date`, else the first of the `start` events, else the first arrival.
    """

    kind: Literal["time_to_first"]
    start: tuple[str, ...] = Field(
        (), description="Events that mark the start, where the trait start_date is not sent."
    )
    report: Literal["reached", "waiting", "within"] = "reached"
    within: Duration | None = Field(None, description="With `report: within`: the time allowed.")

    @model_validator(mode="after")
    def _complete(self) -> "TimeToFirst":
        if (self.report == "within") != (self.within is not None):
            raise ValueError("`within` goes with `report: within`, which needs it")
        return self

    def compile(self, layout: Layout) -> Reading:
        index = layout.cell("span", self, Span)
        started = layout.cell("span", Selector(events=self.start), Span) if self.start else None
        limit = (self.within or 0.0) / DAY

        def elapsed(account: Account, until: float) -> float:
            return max(0.0, until - start_of(account, started)) / DAY

        def reached(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else elapsed(account, state[0])

        def waiting(account: Account, at: float, day: int, values: Values) -> float | None:
            return elapsed(account, at) if account.cells[index] is None and account.base else None

        def within(account: Account, at: float, day: int, values: Values) -> float | None:
            took = reached(account, at, day, values)
            if took is not None and took <= limit:
                return 1.0
            return 0.0 if account.base and elapsed(account, at) > limit else None

        if self.report == "waiting":
            return Reading(waiting, rate=_daily, drifts="none", touched_by=EVERYTHING)
        if self.report == "within":
            return Reading(
                within, changes=_after_limit(started, self.within or 0.0), drifts="none", touched_by=EVERYTHING
            )
        return Reading(reached, index, drifts="none", touched_by=DESCRIBED)


def start_of(account: Account, started: int | None) -> float:
    """When the account began, unix seconds: trait start_date, else its first start event, else its first arrival."""
    declared = instant(account.trait("start_date"))
    if declared is not None:
        return declared
    state = None if started is None else account.cells[started]
    return float(account.first_arrival if state is None else state[0])


def _after_limit(started: int | None, within_s: float) -> Callable[[Account, float], float]:
    """The instant from which the time allowed is over."""
    return lambda account, at: start_of(account, started) + within_s + CROSSED_S
