"""A message as it goes to its topic: as it was sent, but for what only its arrival here tells.

Workers believe a `receivedAt` and a `timestamp` of the topic, and know no `sentAt`. A client's clock is believed by
neither runtime, so what the embedded intake does when it decodes is done here before the message leaves.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from pydantic import TypeAdapter
from pydantic_core import from_json

from scoring.days import iso
from streams.embedded.inbox import Entry
from streams.message import EVENT_BYTES_MAX, Instant

Message = dict[str, Any]

READ = frozenset({"type", "event", "name", "messageId", "userId", "timestamp", "properties", "traits"})
"""What workers read of a message, beside the account."""

CORRECTED_S = 0.001
"""Dates have milliseconds: less than this is no correction."""

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode
_INSTANT = TypeAdapter(Instant)
_NULL = b"null"


def outgoing(entry: Entry) -> bytes:
    """The value for the topic, the very bytes that were sent where nothing has to be told; never larger than a worker
    takes.

    A message without an id gets the one that it was accepted under, so that it counts once when it is sent again.
    `receivedAt` goes: arrival is the brokers' clock. A `timestamp` by a wrong clock is corrected, as Segment does, and
    what was sent stays beside it as `originalTimestamp`.
    """
    message = _parse(entry.raw)
    added: Message = {}
    if _raw(message, "messageId") == _NULL:
        added["messageId"] = entry.event.message_id
    stated = _raw(message, "timestamp")
    if stated != _NULL and abs(_INSTANT.validate_json(stated) - entry.event.at) > CORRECTED_S:
        added["timestamp"] = iso(entry.event.at)
    if not added and "receivedAt" not in message:
        return entry.raw
    return next(value for value in _forms(message, added, entry) if len(value) <= EVENT_BYTES_MAX)


def _forms(message: Message, added: Message, entry: Entry) -> Iterator[bytes]:
    """The message with what is added; with only what is read of it; at last with less added. A message of allowed size
    is not refused for what we add.
    """
    whole = {key: value for key, value in message.items() if key != "receivedAt"}
    if "timestamp" in added and _raw(message, "originalTimestamp") == _NULL:
        whole["originalTimestamp"] = message["timestamp"]
    yield _dump(whole | added)
    lean = {key: value for key, value in message.items() if key in READ} | {"groupId": entry.event.account_id}
    yield _dump(lean | added)
    added.pop("messageId", None)  # whoever reads it makes the same one of the same bytes
    yield _dump(lean | added)
    yield _dump(lean)
    yield entry.raw


def _parse(raw: bytes) -> Message:
    try:
        return dict(_decode(raw))
    except (msgspec.DecodeError, RecursionError):
        # Sound where it is read, and no strict JSON elsewhere: NaN in a field that nobody looks at.
        return {key: msgspec.Raw(_loose(value)) for key, value in from_json(raw, allow_inf_nan=True).items()}


def _loose(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _raw(message: Message, key: str) -> bytes:
    return bytes(message.get(key, _NULL))


def _dump(message: Message) -> bytes:
    return _encode(message)
