"""A parent account's score, rolled up from its own and its children's by what they pay."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

CHILDREN_MAX = 1_000
"""Children rolled up; a parent of more is a reseller, whose children are no departments of one customer."""


class RollUp(NamedTuple):
    """sum(arr * score) / sum(arr) over the members that have both; None with the reason when none has."""

    score: float | None
    arr: float
    members: int
    counted: int
    """Members with a score and an annual recurring revenue above zero."""
    reason: str | None


def roll_up(members: Sequence[Mapping[str, Any]]) -> RollUp:
    """The members are rows of the health table: `score` 0..100 or None, `arr` in the reporting currency or None.

    >>> roll_up([{"score": 80.0, "arr": 300.0}, {"score": 40.0, "arr": 100.0}, {"score": 10.0, "arr": None}])
    RollUp(score=70.0, arr=400.0, members=3, counted=2, reason=None)
    """
    counted = [(one["score"], one["arr"]) for one in members if one["score"] is not None and (one["arr"] or 0.0) > 0.0]
    arr = sum(amount for _, amount in counted)
    if not counted:
        return RollUp(None, 0.0, len(members), 0, "no member has both a score and revenue")
    return RollUp(
        round(sum(score * amount for score, amount in counted) / arr, 2), arr, len(members), len(counted), None
    )
