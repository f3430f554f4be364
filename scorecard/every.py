"""How long each of several periods is, of which one follows the other."""

from enum import StrEnum

PERIODS = 12
"""So many, unless another number is asked for."""


class Every(StrEnum):
    """What each is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
