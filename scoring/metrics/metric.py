"""What every metric declares, and what it compiles to."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scoring.account import Account
from scoring.cells.cell import HORIZON_DAYS
from scoring.days import DAY
from scoring.document import Duration
from scoring.layout import Layout

Values = dict[str, Any]
"""Metric values so far, keyed as conditions see them (`metrics.active_users`)."""

Read = Callable[[Account, float, int, Values], float | None]
"""(account, at, day of at, values so far) -> the value in the metric's unit, or None when it is missing."""

Drift = Literal["none", "falls", "any"]
"""How time alone may change a value otherwise than its `rate` and `changes` tell: not at all; only down, as a window
moves on that nothing can enter but by an event; or either way, at instants that can't be foretold."""


class Reading(NamedTuple):
    """A metric ready to be read off accounts."""

    read: Read
    cell: int | None = None
    """The cell that it reads: empty means that no input ever came; anything else missing is stale."""
    rate: Callable[[Account, float], float] | None = None
    """Change per day by the passing of time alone, while it is linear in time; None when only events change it."""
    changes: Callable[[Account, float], float] | None = None
    """The next instant after `at` at which time alone makes it jump; None when it never does so at a known instant."""
    drifts: Drift = "any"
    known_from: Callable[[Account], float] | None = None
    """Before that instant it is missing whatever happens, but for an arrival before the account's first; None when
    it may be there at once."""
    touched_by: int = 0
    """Bits of what changes it beside the cells that it claimed (see layout)."""


def _whole_days(seconds: float) -> float:
    days = seconds / DAY
    if days != int(days) or not 1 <= days <= HORIZON_DAYS:
        raise ValueError(f"must be whole days from 1d to {HORIZON_DAYS}d")
    return seconds


Window = Annotated[Duration, AfterValidator(_whole_days)]

Owner = Literal["Product", "CS", "Marketing", "Sales", "RevOps", "Finance"]
Review = Literal["daily", "weekly", "monthly", "quarterly"]


class Metric(BaseModel):
    """A number with a unit that is kept for every account. Subclasses say how it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    title: str = Field("", description="What people call it.", max_length=120)
    description: str = Field("", description="Definition in a sentence, with its traps.", max_length=1_000)
    catalogue: str = Field("", description="Id in the metric catalogue, such as A5.", pattern=r"^([A-Z]\d)?$")
    unit: str = Field(description="Unit of the value: users, days, events, share, points, ...", max_length=40)
    owner: Owner = Field(description="Who answers for the metric.")
    review: Review = Field(description="How often its owner reviews it.")
    up_is_good: bool = Field(True, description="Whether a higher value is healthier.")

    @property
    def needs(self) -> tuple[str, ...]:
        """Other metrics that must be read first."""
        return ()

    def compile(self, layout: Layout) -> Reading:
        """Claim cells in the layout and return how to read the metric."""
        raise NotImplementedError


def span(account: Account, first: int, last: int) -> int:
    """The bits of the days first..last, both included, in the account's bitmaps; days before its base are unknown."""
    low = first - account.base
    ones = (1 << (last - first + 1)) - 1
    return ones << low if low >= 0 else ones >> -low


def order_by_needs(metrics: Mapping[str, Metric]) -> dict[str, Metric]:
    """The metrics such that each comes after those it needs: of a checked profile, so that these are there, and no
    circle.
    """
    ordered: dict[str, Metric] = {}

    def visit(name: str) -> None:
        if name not in ordered:
            for need in metrics[name].needs:
                visit(need)
            ordered[name] = metrics[name]

    for name in metrics:
        visit(name)
    return ordered
