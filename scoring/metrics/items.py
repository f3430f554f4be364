"""Open and overdue things: tickets, QBRs, plans, sponsors, references."""

from math import inf
from typing import Literal

from pydantic import Field, model_validator

from scoring.account import Account
from scoring.cells.items import NEVER, Item, Items
from scoring.cells.key import Key
from scoring.days import CROSSED_S, DAY
from scoring.layout import Layout
from scoring.metrics.metric import Metric, Reading, Values
from scoring.selector import Selector


class OpenItems(Metric):
    """Things that `opens` open and `closes` close, told apart by `key`.

    `report`: open - how many are open; live - 1 when any is; overdue - how many are open past their due date;
    days_to_due - days until the next due date of an open one, negative when overdue, missing when none has one;
    days_overdue - days by which the most overdue one is late, 0 when none is;
    closed_ago - days since the last one was closed, missing while none was or one was opened since.
    """

    kind: Literal["items"]
    opens: tuple[str, ...] = Field(description="Events that open an item or change its due date.", min_length=1)
    closes: tuple[str, ...] = Field(description="Events that close it.", min_length=1)
    key: str = Field(description="The property that names the item; `user` for the user.", max_length=64)
    due: str | None = Field(None, description="The property with the due date (ISO 8601).", max_length=64)
    report: Literal["open", "live", "overdue", "days_to_due", "days_overdue", "closed_ago"] = "open"

    @model_validator(mode="after")
    def _opens_or_closes(self) -> "OpenItems":
        if both := sorted({*self.opens} & {*self.closes}):
            raise ValueError(f"{', '.join(both)}: an event either opens or closes")
        return self

    def compile(self, layout: Layout) -> Reading:
        selector = Selector(events=tuple(sorted({*self.opens, *self.closes})))
        closing = frozenset(self.closes)
        index = layout.cell(
            "items", selector, lambda: Items(Key(self.key), closing, self.due), self.key, self.due, *sorted(closing)
        )
        report = _REPORTS[self.report]

        def read(account: Account, at: float, day: int, values: Values) -> float | None:
            state = account.cells[index]
            return None if state is None else report(state, at)

        def changes(account: Account, at: float) -> float:
            state: dict[int, Item] | None = account.cells[index]
            if not state:
                return inf
            return min([due for due in _dues(state) if due >= at], default=inf) + CROSSED_S

        rates = {"days_to_due": -1.0, "days_overdue": 1.0, "closed_ago": 1.0}
        rate = rates.get(self.report)
        if self.report == "days_overdue":  # it stands still until something is late
            return Reading(
                read, index, lambda account, at: float(_days_overdue(account.cells[index] or {}, at) > 0), changes
            )
        return Reading(
            read, index, None if rate is None else lambda account, at: rate, changes if self.due else None, "none"
        )


def _open(state: dict[int, Item], at: float) -> float:
    return float(len([1 for opened, closed, _, _ in state.values() if opened > closed]))


def _live(state: dict[int, Item], at: float) -> float:
    return float(_open(state, at) > 0)


def _overdue(state: dict[int, Item], at: float) -> float:
    return float(len([1 for due in _dues(state) if due < at]))


def _days_to_due(state: dict[int, Item], at: float) -> float | None:
    due = min(_dues(state), default=None)
    return None if due is None else (due - at) / DAY


def _days_overdue(state: dict[int, Item], at: float) -> float:
    to_due = _days_to_due(state, at)
    return 0.0 if to_due is None else max(0.0, -to_due)


def _closed_ago(state: dict[int, Item], at: float) -> float | None:
    closed = max([item[1] for item in state.values()], default=NEVER)
    opened = max([opened for opened, shut, _, _ in state.values() if opened > shut], default=NEVER)
    return None if closed in (NEVER, opened) or opened > closed else max(0.0, at - closed) / DAY


def _dues(state: dict[int, Item]) -> list[float]:
    """The due dates of what is open."""
    return [due for opened, closed, due, _ in state.values() if due is not None and opened > closed]


_REPORTS = {
    "open": _open, "live": _live, "overdue": _overdue, "days_to_due": _days_to_due, "days_overdue": _days_overdue,
    "closed_ago": _closed_ago,
}  # fmt: skip
