"""A test on which the lift must fail: exposure with false dates.

The exposed are taken as if they had been touched a period earlier, and their revenue is followed over a period that
ended before any touchpoint that counts. Exposure can't have done anything then, so a difference shows that the arms
were different already, and that matching did not make them alike.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from scorecard.lift import Drawing, Lift, study
from scorecard.panel import Panel
from scorecard.period import Period
from scorecard.strata import Rows
from scorecard.unit import Outcome


class Passed(StrEnum):
    """What the placebo says of the lift beside it."""

    YES = "no difference before exposure"
    NO = "the arms differed before exposure"
    UNKNOWN = "not possible"


STILL = "nothing moved: the revenue of no account compared changed over the false period"


class Placebo(NamedTuple):
    """A lift that ought to be zero."""

    passed: Passed
    lift: Lift
    n: int
    """Accounts compared."""


def false_period(period: Period, within_days: int) -> Period:
    """As long as the period, and over when the first touchpoint that counts for it may have come.

    >>> print(*false_period(Period.parse("2026-Q3"), 90)[:2])
    2025-12-31 2026-04-02
    """
    end = period.start - timedelta(within_days)
    start = end - timedelta(period.days)
    return Period(start, end, f"{start}..{end}")


def placebo(panel: Panel, dimensions: Sequence[str], drawing: Drawing) -> Placebo:
    """Over the false period (`Unit.before`): same accounts, same strata, same exposure, earlier money."""
    found = study(panel.sample_before(dimensions), drawing)
    lift, cells = found.lifts[Outcome.NRR], found.matching.cells
    if cells and not any(_moved(arm) for cell in cells for arm in (cell.exposed, cell.control)):
        lift = lift._replace(value=None, reason=STILL, interval=None, no_interval=None)
    return judged(lift, found.exposed_n + found.control_n)


def _moved(arm: Rows) -> bool:
    """Whether the end of any account is not its start."""
    return bool((arm.amounts[:, 0] != arm.amounts[:, 1]).any())


def judged(lift: Lift, n: int) -> Placebo:
    """Not possible where there is no interval: a test that can't fail has not been passed."""
    if lift.interval is None:
        return Placebo(Passed.UNKNOWN, lift, n)
    return Placebo(Passed.NO if lift.seen else Passed.YES, lift, n)
