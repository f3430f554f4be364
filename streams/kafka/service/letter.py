"""A dead letter as it goes to its topic."""

import msgspec

from streams.dead_letter import DeadLetter

_encode = msgspec.json.Encoder().encode


def encoded(letter: DeadLetter, bytes_max: int) -> bytes:
    """The JSON of a letter, within what a message may hold: the text of a large body is left out, since its bytes are
    there; of one that still does not fit, the end.
    """
    value = _encode(letter.to_json())
    if len(value) <= bytes_max:
        return value
    value = _encode(letter.to_json() | {"raw_text": None})
    if len(value) <= bytes_max:
        return value
    beyond = (len(value) - bytes_max) * 3 // 4 + 256  # base64 makes four characters of three bytes
    kept = letter.raw[: max(0, len(letter.raw) - beyond)]
    told = f"{letter.message} (of {len(letter.raw)} bytes the first {len(kept)} are kept)"
    return _encode(letter._replace(raw=kept, message=told).to_json() | {"raw_text": None})
