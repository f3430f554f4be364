"""How many different users, features and roles, on how many days: breadth of usage."""

from typing import Literal

from pydantic import Field, model_validator

from scoring.account import Account
from scoring.cells.cell import HORIZON_DAYS
from scoring.cells.days import Days
from scoring.cells.entities import Entities, count, share
from scoring.cells.key import Key
from scoring.days import DAY
from scoring.layout import Layout
from scoring.metrics.metric import Metric, Reading, Values, Window, span
from scoring.selector import Selector


class Distinct(Metric, Selector):
    """Distinct users, features, roles or values of any property over a window; exact up to 256, then estimated."""

    kind: Literal["distinct"]
    of: str = Field(description="user, feature, or the name of a property such as role.", max_length=64)
    window: Window

    def compile(self, layout: Layout) -> Reading:
        days = int(self.window / DAY)
        index = layout.cell("entities", self, lambda: Entities(Key(self.of)), self.of)

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else float(count(state, span(account, day - days + 1, day)))

        return Reading(read, index, drifts="falls")


class Share(Metric, Selector):
    """Of the users (or other things) seen in the window, the share seen on at least `days_min` days of it (A6)."""

    kind: Literal["share"]
    of: str = Field("user", max_length=64)
    window: Window
    days_min: int = Field(description="Days in the window that make the pattern.", ge=1, le=400)

    @model_validator(mode="after")
    def _attainable(self) -> "Share":
        if self.days_min * DAY > self.window:
            raise ValueError(f"days_min {self.days_min} must be at most the days of the window, {self.window / DAY:g}")
        return self

    def compile(self, layout: Layout) -> Reading:
        days, days_min = int(self.window / DAY), self.days_min
        index = layout.cell("entities", self, lambda: Entities(Key(self.of)), self.of)

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            if state is None:
                return None
            found = share(state, span(account, day - days + 1, day), days_min)
            return 0.0 if found is None else found

        return Reading(read, index)


class ActiveDays(Metric, Selector):
    """Days, or calendar weeks, of the window in which such an event happened."""

    kind: Literal["active_days"]
    window: Window
    per: Literal["day", "week"] = Field(
        "day", description="week: count the weeks (Thursday to Wednesday, UTC) instead."
    )

    def compile(self, layout: Layout) -> Reading:
        days = int(self.window / DAY)
        index = layout.cell("days", self, Days)

        def active_days(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else float((state & span(account, day - days + 1, day)).bit_count())

        def active_weeks(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            if state is None:
                return None
            return float(weeks((state & span(account, day - days + 1, day)) << account.base % 7))

        return Reading(active_days if self.per == "day" else active_weeks, index, drifts="falls")


_WEEK_STARTS = sum(1 << 7 * week for week in range(HORIZON_DAYS // 7 + 24))


def weeks(bits: int) -> int:
    """How many groups of seven bits have any set.

    >>> weeks(0b0000001_0000000_1000001)
    2
    """
    bits |= bits >> 1
    bits |= bits >> 2
    bits |= bits >> 3  # now bit i tells of the bits i..i+6
    return (bits & _WEEK_STARTS).bit_count()
