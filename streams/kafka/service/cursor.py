"""Where a subscriber is in the triggers: the next offset of each partition, as text.

It speaks of the topic and not of a read model, so it holds for all services of an installation, and when a read model
was made anew.
"""

import re
from collections.abc import Mapping

BEGINNING = "0"
"""The cursor before the oldest trigger; so is that of the embedded service."""

CHARACTERS_MAX = 20_000
"""Of a cursor over a thousand partitions, with room."""

_CURSOR = re.compile(r"[0-9]{1,4}:[0-9]{1,18}(,[0-9]{1,4}:[0-9]{1,18})*")


def parse(text: str) -> dict[int, int]:
    """The next offset by partition; what is missing begins with the oldest. ValueError for what is no cursor.

    >>> parse("0:17,3:4")
    {0: 17, 3: 4}
    """
    if text == BEGINNING:
        return {}
    if len(text) > CHARACTERS_MAX or not _CURSOR.fullmatch(text):
        raise ValueError(f"not a cursor: {text[:80]!r}; allowed: `next` of an answer, or {BEGINNING} for the oldest")
    return {int(partition): int(offset) for partition, _, offset in (one.partition(":") for one in text.split(","))}


def form(places: Mapping[int, int]) -> str:
    """The same as text.

    >>> form({3: 4, 0: 17}), form({})
    ('0:17,3:4', '0')
    """
    return ",".join(f"{partition}:{offset}" for partition, offset in sorted(places.items())) or BEGINNING
