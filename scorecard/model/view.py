"""One view of the read model."""

from typing import NamedTuple


class View(NamedTuple):
    """body: its SELECT, with {day:COLUMN} and {instant:COLUMN} where a number becomes a date."""

    name: str
    about: str
    body: str
