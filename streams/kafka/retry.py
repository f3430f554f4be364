"""Dead letters sent again: after the vocabulary has learnt a name, or for those that were in the wrong partition."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaProducer

from scoring.days import instant
from streams.dead_letter import DeadLetter
from streams.kafka.administration import unreachable
from streams.kafka.reading import messages
from streams.kafka.settings import Settings
from streams.kafka.topics import DEAD_LETTERS, INPUTS
from streams.vocabulary import Vocabulary
from streams.wire import decode

ACKNOWLEDGED_S_MAX = 60.0


class Retried(NamedTuple):
    """What became of one dead letter."""

    position: str
    reason: str
    sent: bool
    refused: str | None
    """Why it is refused again; None when it was sent."""


def retry(settings: Settings, vocabulary: Vocabulary, reason: str) -> Iterator[Retried]:
    """Send the dead letters of a reason that were not sent again before, keyed by their account.

    Each is tried here first: what would be refused again stays where it is. An event that was counted meanwhile counts
    no second time: its message id is known.
    """
    with unreachable(settings):
        producer = KafkaProducer(**settings.connection(), acks="all", enable_idempotence=True)
    streams = {settings.prefix + topic: stream for stream, topic in INPUTS.items()}
    group = f"{settings.group}-retry-{reason}"
    try:
        for message in messages(settings, settings.prefix + DEAD_LETTERS, group=group):
            letter: dict[str, Any] = msgspec.json.decode(message.value)
            topic = str(letter["position"]).rpartition(":")[0].rpartition("-")[0]
            if letter["reason"] == reason and topic in streams:
                yield _retry(producer, topic, streams[topic], letter, vocabulary)
    finally:
        producer.close()


def _retry(producer: Any, topic: str, stream: str, letter: dict[str, Any], vocabulary: Vocabulary) -> Retried:
    raw, position, reason = b64decode(letter["raw"]), letter["position"], letter["reason"]
    decoded = decode([raw], vocabulary=vocabulary, now=instant(letter["at"]), stream=stream)
    if not decoded.events:
        dead: DeadLetter | None = decoded.dead[0] if decoded.dead else None
        return Retried(position, reason, False, "it says nothing that we score by" if dead is None else dead.message)
    producer.send(topic, key=decoded.events[0].account_id.encode(), value=raw).get(timeout=ACKNOWLEDGED_S_MAX)
    return Retried(position, reason, True, None)
