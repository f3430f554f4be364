"""Which accounts are one: merged ones, and, where it is asked for, the children of a parent."""

from collections.abc import Mapping, Sequence
from typing import Literal

from scorecard.movement import Movement

Unit = Literal["account", "parent"]


def entity(account_id: str, merged_into: Mapping[str, str], parents: Mapping[str, str], unit: Unit = "account") -> str:
    """The account that stands for this one, whatever the period: the last it was merged into, then (with "parent") the
    topmost parent. A circle ends where it would close, at its smallest id."""
    raise NotImplementedError


def reclassified(movements: Sequence[Movement]) -> list[Movement]:
    """The movements of several accounts as those of one entity: what is churn to the one is contraction to the whole."""
    raise NotImplementedError
