"""What the account pays, how that changed, and when it is up for renewal."""

from typing import Literal

from pydantic import Field, model_validator

from scoring.account import Account
from scoring.cells.subscriptions import Step, Subscriptions, arr_at
from scoring.days import DAY
from scoring.layout import Layout
from scoring.metrics.metric import Metric, Reading, Values, Window
from scoring.selector import Selector


class Subscription(Metric):
    """The account's subscriptions. `report`: arr - annual recurring revenue now, all subscriptions added up;
    change - share by which ARR changed over the window (-0.2: contracted by a fifth), missing when there was none at
    its start; renewal_days - days until the next renewal of a running subscription, negative when it is past.
    """

    kind: Literal["subscription"]
    events: tuple[str, ...] = Field(
        description="Events that carry the subscription's ARR after the movement.", min_length=1
    )
    churns: tuple[str, ...] = Field((), description="Of these, the events that end a subscription.")
    report: Literal["arr", "change", "renewal_days"] = "arr"
    window: Window | None = Field(None, description="With `change`: over how long.")

    @model_validator(mode="after")
    def _complete(self) -> "Subscription":
        if (self.report == "change") != (self.window is not None):
            raise ValueError("`window` goes with `report: change`, which needs it")
        if not set(self.churns) <= set(self.events):
            raise ValueError("`churns` must be some of `events`")
        return self

    def compile(self, layout: Layout) -> Reading:
        churning, length = frozenset(self.churns), self.window or 0.0
        index = layout.cell(
            "subscriptions", Selector(events=self.events), lambda: Subscriptions(churning), *sorted(churning)
        )

        def arr(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else arr_at(state, at)

        def change(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            before = 0.0 if state is None else arr_at(state, at - length)
            return (arr_at(state, at) - before) / before if before > 0 else None

        def renewal(account: Account, at: float, day: int, values: Values) -> float | None:
            dates = [_renews(steps) for steps in (account.cells[index] or {}).values() if steps[-1].arr > 0]
            return min(((date - at) / DAY for date in dates if date is not None), default=None)

        if self.report == "arr":
            return Reading(arr, index, drifts="none")
        if self.report == "change":
            return Reading(change, index)
        return Reading(renewal, index, rate=lambda account, at: -1.0, drifts="none")


def _renews(steps: tuple[Step, ...]) -> float | None:
    return next((step.renews for step in reversed(steps) if step.renews is not None), None)
