"""What is to be sent of a partition's accounts, so that all that happened to them is durable."""

from collections.abc import Sequence
from typing import NamedTuple

Message = tuple[str, bytes]
"""Account id, which is the key, and value."""


class Checkpoint(NamedTuple):
    """What is to be sent, in this order, each part only when the broker has the one before it: health is then never
    behind a record that says it was published, and no trigger leaves before the episode that it stands for is durable.
    """

    health: Sequence[Message]
    records: Sequence[Message]
    triggers: Sequence[Message]
