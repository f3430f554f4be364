"""How recurring revenue changed on one day: the rows of the ledger."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a movement was, seen from the account (see docs/adr/0009): one bar of the waterfall each (R4)."""

    NEW = "new"
    """Nothing before, and never anything."""
    REACTIVATION = "reactivation"
    """Nothing before, but once there was."""
    UPSELL = "upsell"
    """More of a product that it had."""
    CROSS_SELL = "cross_sell"
    """A product that it had not, beside others."""
    USAGE = "usage"
    """More of a product that it had, said to come from use."""
    CONTRACTION = "contraction"
    """Less of a product, or none while others stay."""
    CHURN = "churn"
    """Something before, nothing after."""
    FX = "fx"
    """Only the rate changed."""

    __hash__ = str.__hash__  # that of enums is written in Python, and is much of the time that a sheet takes


EXPANSION = (Kind.UPSELL, Kind.CROSS_SELL, Kind.USAGE)
"""The kinds of X1."""


class Movement(NamedTuple):
    """What changed of one account's product (in one currency) on one day; all that happened on the day is netted."""

    account_id: str
    product: str
    subscription_id: str
    """The subscription of the last event that had part in it."""
    kind: Kind
    on: date
    """The day from which it holds (UTC); may lie in the future."""
    cents: int
    """Signed, minor units of the reporting currency, at the rate of the day."""
    currency: str
    """What it is paid in."""
    native: int
    """Signed, minor units of `currency`; zero where only the rate changed (fx)."""
    message_id: str
    """The last event that had part in it; empty for fx."""


class Posting(NamedTuple):
    """A line of the append-only ledger: a movement that became known, or one that turned out not to be so."""

    movement: Movement
    """Of a reversal: the movement as it was posted, with cents and native negated."""
    known_at: float
    """When the ledger knew, unix seconds: the arrival of the event, never before that of the event before it."""
    reverses: bool

    @property
    def undone(self) -> "Movement":
        """Of a reversal, the movement that it takes back."""
        return self.movement._replace(cents=-self.movement.cents, native=-self.movement.native)
