"""What a revenue event says about one subscription."""

from typing import NamedTuple

from scorecard.movement import Kind
from scoring.days import DAY

EPOCH = 719_163
"""The ordinal of 1970-01-01: days are whole days as `date.toordinal` counts them."""

NAME_CHARS_MAX = 256
"""Of ids and names of products: the wire's own limit for ids."""

NO_PRODUCT = "(none)"
"""The product of a subscription of which none was ever said."""

STARTED, RENEWED, EXPANDED, CONTRACTED, CHURNED, REACTIVATED = range(6)
EVENTS = {
    "subscription_started": STARTED, "subscription_renewed": RENEWED, "subscription_expanded": EXPANDED,
    "subscription_contracted": CONTRACTED, "subscription_churned": CHURNED, "subscription_reactivated": REACTIVATED,
}  # fmt: skip
"""Names of the events that move recurring revenue."""

ARR_NEEDED = frozenset({STARTED, EXPANDED, CONTRACTED, REACTIVATED})
"""What says nothing without an amount. A renewal without one is at the price as before."""


GROWTHS = {Kind.UPSELL.value: "", Kind.USAGE.value: Kind.USAGE.value, Kind.CROSS_SELL.value: Kind.CROSS_SELL.value}
"""What `kind` may say of growth, and what of it is kept: upsell it is without a word."""


class Fact(NamedTuple):
    """One event of a subscription. Facts are ordered by the time at which they were said."""

    at: float
    message_id: str
    event: int
    effective: int | None
    """Day from which it holds, where the event says so."""
    native: int | None
    """Recurring revenue of the subscription afterwards, minor units of `currency`; None: as before, or none (churn)."""
    currency: str
    product: str
    """Empty: not said."""
    renews: int | None
    """The first day that is not paid for."""
    grows: str
    """How, where the event says so: "usage", "cross_sell", or empty."""
    corrects: str
    """Message id of the fact whose place this one takes, or empty."""


def day_of(at: float) -> int:
    """The day of an instant, as `date.toordinal` counts.

    >>> from datetime import date
    >>> date.fromordinal(day_of(86_400.0))
    datetime.date(1970, 1, 2)
    """
    return int(at // DAY) + EPOCH
