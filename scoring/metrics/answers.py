"""What people said: newest answers, each person counted once."""

from math import inf
from typing import Literal

from pydantic import Field, model_validator

from scoring.account import Account
from scoring.cells.key import Key
from scoring.cells.newest import Answer, Newest, NewestPer
from scoring.document import Duration
from scoring.layout import DESCRIBED, Layout
from scoring.metrics.metric import Metric, Reading, Values, Window
from scoring.selector import Selector

PROMOTER_MIN, DETRACTOR_MAX = 9, 6
"""Bain's bands of the net promoter question: 9-10 promote, 0-6 detract."""

TOP_TWO_MIN = 4
"""CSAT counts the top two of five."""


class Answers(Metric, Selector):
    """The newest answer of each person in the window, combined; missing when nobody answered in it (n = 0).

    nps = 100 (promoters - detractors) / n (H2); top_two = share of 4 and 5 (H3); mean = arithmetic mean.
    """

    kind: Literal["answers"]
    property: str = Field("score", description="The numeric property that holds the answer.")
    per: str = Field("user", description="Whose newest answer counts: user, or a property.")
    combine: Literal["mean", "nps", "top_two"] = "mean"
    low: float = Field(0.0, description="Smallest valid answer; others are not counted.")
    high: float = Field(10.0, description="Largest valid answer; others are not counted.")
    window: Window = Field(description="Answers older than this are stale.")

    @model_validator(mode="after")
    def _range(self) -> "Answers":
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.combine == "top_two" and (self.low, self.high) != (1, 5):
            raise ValueError("top_two is the top two of five: it needs `low: 1` and `high: 5`")
        if self.combine == "nps" and (self.low, self.high) != (0, 10):
            raise ValueError("nps is asked from 0 to 10: it needs `low: 0` and `high: 10`")
        return self

    def compile(self, layout: Layout) -> Reading:
        of, low, high, length, combine = self.property, self.low, self.high, self.window, self.combine
        index = layout.cell(
            "newest_per", self, lambda: NewestPer(Key(self.per), of, low, high), of, self.per, low, high
        )

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            if state is None:
                return None
            fresh = [answer[2] for answer in state.values() if at - length < answer[0]]
            return _combined(combine, fresh) if fresh else None

        def changes(account: Account, at: float) -> float:
            state: dict[int, Answer] = account.cells[index] or {}
            return min([stale for answer in state.values() if (stale := answer[0] + length) > at], default=inf)

        return Reading(read, index, changes=changes, drifts="none")


def _combined(combine: str, answers: list[float]) -> float:
    n = len(answers)
    if combine == "nps":
        promoters = sum(1 for answer in answers if answer >= PROMOTER_MIN)
        detractors = sum(1 for answer in answers if answer <= DETRACTOR_MAX)
        return 100.0 * (promoters - detractors) / n
    if combine == "top_two":
        return sum(1 for answer in answers if answer >= TOP_TWO_MIN) / n
    return sum(sorted(answers)) / n


class Latest(Metric):
    """The newest numeric value of a trait, or of an event's property."""

    kind: Literal["latest"]
    trait: str | None = Field(None, description="A trait of the account (`group` call).")
    events: tuple[str, ...] = Field((), description="Instead of a trait: the events that carry the property.")
    property: str | None = Field(None, description="With `events`: the property.")
    max_age: Duration | None = Field(None, description="Older values are stale, so the metric is missing.")

    @model_validator(mode="after")
    def _complete(self) -> "Latest":
        if (self.trait is None) == (not self.events) or bool(self.events) != (self.property is not None):
            raise ValueError("give either `trait`, or `events` together with `property`")
        return self

    def compile(self, layout: Layout) -> Reading:
        max_age = self.max_age if self.max_age is not None else float("inf")
        index = None
        if self.property is not None:
            of = self.property
            index = layout.cell("newest", Selector(events=self.events), lambda: Newest(of), of)

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            answer = account.traits.get(self.trait or "") if index is None else account.cells[index]
            if answer is None or isinstance(answer[2], bool | str) or at - answer[0] > max_age:
                return None
            return float(answer[2])

        return Reading(read, index, drifts="any" if self.max_age is not None else "none", touched_by=DESCRIBED)
