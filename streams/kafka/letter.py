"""A dead letter as a message of its topic, which takes only so much."""

import msgspec

from streams.dead_letter import DeadLetter

ENVELOPE_BYTES = 8_192
"""What stands around the raw bytes, at most: reason, field, value and message are bounded where they are made."""


def bytes_max(message_bytes_max: int) -> int:
    """Of a dead letter, so that a message of so many bytes fits whole, in base64."""
    return message_bytes_max // 3 * 4 + 4 + ENVELOPE_BYTES


_json = msgspec.json.Encoder()


def encode(letter: DeadLetter, message_bytes_max: int) -> bytes:
    """All of it as JSON in at most `bytes_max` bytes; `raw_bytes` says how many the message has.

    A refused message can be as large as its topic takes, and larger when it was compressed. Where the letter would be
    too large, the text goes first, since `raw` says the same; then the end of `raw`, which is still where `position`
    says. Not to write it would be worse: a worker that can't write its letters can't go on, nor could the next one.

    >>> large = DeadLetter("too_large", "", "", "too large", bytes(100_000), "usage-0:7", 0, None)
    >>> told = msgspec.json.decode(encode(large, 60_000))
    >>> told["raw_text"], told["raw_bytes"], len(told["raw"])
    (None, 100000, 80000)
    """
    cut = letter._replace(raw=letter.raw[:message_bytes_max])
    told = {**cut.to_json(), "raw_bytes": len(letter.raw)}
    value = _json.encode(told)
    if len(value) <= bytes_max(message_bytes_max):
        return value
    return _json.encode({**told, "raw_text": None})
