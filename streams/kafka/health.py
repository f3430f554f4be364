"""What was last published of the accounts."""

from typing import NamedTuple

import msgspec

from scoring.days import instant
from streams.kafka.reading import messages
from streams.kafka.settings import Settings
from streams.kafka.topics import HEALTH


class Health(NamedTuple):
    """A score as it was published."""

    at: float
    """Unix seconds."""

    score: float | None
    band: str | None


class _Published(msgspec.Struct):
    at: str
    score: float | None
    band: str | None


def published(settings: Settings) -> dict[str, Health]:
    """The newest score of each account. What is none, since somebody else wrote it, is left out."""
    found: dict[str, Health] = {}
    for message in messages(settings, settings.prefix + HEALTH):
        try:
            one = msgspec.json.decode(message.value or b"", type=_Published)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue
        at = instant(one.at)
        if at is not None:
            found[(message.key or b"").decode(errors="replace")] = Health(at, one.score, one.band)
    return found
