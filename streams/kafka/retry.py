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

    Each is tried here first: what would be refused again goes to the end of the dead letters as it is, where the next
    retry finds it. An event that was counted meanwhile counts no second time: its message id is known.
    """
    with unreachable(settings):
        producer = KafkaProducer(**settings.connection(), acks="all", enable_idempotence=True)
    streams = {settings.prefix + topic: stream for stream, topic in INPUTS.items()}
    group = f"{settings.group}-retry-{reason}"
    refused = set[bytes]()  # a retry that was cut short may have put one back and not passed it
    try:
        for message in messages(settings, settings.prefix + DEAD_LETTERS, group=group):
            letter: dict[str, Any] = msgspec.json.decode(message.value)
            topic = str(letter["position"]).rpartition(":")[0].rpartition("-")[0]
            if letter["reason"] == reason and topic in streams and message.value not in refused:
                retried = _retry(producer, topic, streams[topic], letter, vocabulary)
                if not retried.sent:
                    refused.add(message.value)
                    _send(producer, message.topic, message.key, message.value, message.partition)
                yield retried
    finally:
        producer.close()


def _retry(producer: Any, topic: str, stream: str, letter: dict[str, Any], vocabulary: Vocabulary) -> Retried:
    raw, position, reason = b64decode(letter["raw"]), letter["position"], letter["reason"]
    decoded = decode([raw], vocabulary=vocabulary, now=instant(letter["at"]), stream=stream)
    if not decoded.events:
        dead: DeadLetter | None = decoded.dead[0] if decoded.dead else None
        return Retried(position, reason, False, "it says nothing that we score by" if dead is None else dead.message)
    _send(producer, topic, decoded.events[0].account_id.encode(), raw)
    return Retried(position, reason, True, None)


def _send(producer: Any, topic: str, key: bytes, value: bytes, partition: int | None = None) -> None:
    producer.send(topic, key=key, value=value, partition=partition).get(timeout=ACKNOWLEDGED_S_MAX)
