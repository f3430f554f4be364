"""A request's messages as lines, one JSON object each, as `streams.wire.decode` reads them.

Segment's HTTP API: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/.
"""

import json
from typing import Any, NamedTuple

import msgspec
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from streams.dating import SKEW_TOLERANCE_S
from streams.http.body import BodyError
from streams.message import EVENT_BYTES_MAX, Instant

MESSAGES_MAX = 10_000
"""Messages in a batch: the smallest one possible has some 50 bytes, so 500 KB hold no more that mean anything."""

_INSTANT = TypeAdapter(Instant)


class Batch(msgspec.Struct):
    """The body of /v1/batch, as far as we read it; each message stays the bytes that it came as."""

    batch: list[msgspec.Raw]
    context: dict[str, msgspec.Raw] | None = None
    sentAt: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - the spec's name


class Lines(NamedTuple):
    """The messages of a request as they are decoded, and as they were sent."""

    lines: list[bytes]
    sent: list[bytes]


_decode_batch = msgspec.json.Decoder(Batch).decode
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


def single(body: bytes, call: str) -> Lines:
    """The one message of /v1/track, /v1/group, ...; the path says what call it is, whatever the message says."""
    # The last of several equal keys counts, here as in every JSON parser that we use.
    head, brace, tail = body.rpartition(b"}")
    comma = b"" if head.strip() == b"{" else b","
    line = head + comma + f'"type":"{call}"'.encode() + brace if brace and not tail.strip() else body
    return Lines([line], [body])


def batch(body: bytes, now: float) -> Lines:
    """The messages of /v1/batch, each with what the batch says for all of them. Raises BodyError when it is none."""
    parsed = _parse(body)
    if len(parsed.batch) > MESSAGES_MAX:
        raise BodyError(
            400, "too_many", str(len(parsed.batch)), f"{len(parsed.batch)} messages, at most {MESSAGES_MAX}", body
        )
    sent = [bytes(raw) for raw in parsed.batch]
    lines = sent
    if parsed.context:
        context = parsed.context
        lines = [_with_context(line, context) for line in lines]
    sent_at = bytes(parsed.sentAt)
    if _matters(sent_at, now):
        lines = [_with_sent_at(line, sent_at) for line in lines]
    return Lines(lines, sent)


def _parse(body: bytes) -> Batch:
    try:
        return _decode_batch(body)
    except (msgspec.DecodeError, RecursionError) as error:
        return _parse_leniently(body, error)


def _parse_leniently(body: bytes, error: Exception) -> Batch:
    """Batches that are JSON but for NaN and infinity, as careless senders write them: one must not cost the others."""
    try:
        value = from_json(body, allow_inf_nan=True)
    except ValueError:
        raise BodyError(400, "not_json", "", f"the body is not JSON: {error}", body) from None
    if not isinstance(value, dict):
        raise BodyError(400, "not_object", "", 'the body must be an object, {"batch": [...]}', body)
    if "batch" not in value:
        raise BodyError(400, "missing_field", "", "`batch` must be a list of messages", body)
    messages = value["batch"]
    if not isinstance(messages, list):
        raise BodyError(400, "wrong_type", type(messages).__name__, "`batch` must be a list of messages", body)
    context = value.get("context")
    if context is not None and not isinstance(context, dict):
        raise BodyError(400, "wrong_type", type(context).__name__, "`context` must be an object", body)
    return Batch(
        [msgspec.Raw(_dump(message)) for message in messages],
        None if context is None else {key: msgspec.Raw(_dump(inner)) for key, inner in context.items()},
        msgspec.Raw(_dump(value.get("sentAt"))),
    )


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _with_context(line: bytes, context: dict[str, msgspec.Raw]) -> bytes:
    """The message with the batch's context where its own says nothing; what is no message stays as it is."""
    try:
        message = _decode_object(line)
        own = message.get("context")
        merged = context if own is None or bytes(own) == b"null" else {**context, **_decode_object(bytes(own))}
    except (msgspec.DecodeError, RecursionError):
        return line
    message["context"] = msgspec.Raw(_encode(merged))
    return _fitting(_encode(message), line)


def _with_sent_at(line: bytes, sent_at: bytes) -> bytes:
    start = line.lstrip()
    if not start.startswith(b"{") or start[1:].lstrip().startswith(b"}"):
        return line
    return _fitting(b'{"sentAt":' + sent_at + b"," + start[1:], line)


def _fitting(line: bytes, sent: bytes) -> bytes:
    """A message of allowed size is not refused for what we added to it."""
    return line if len(line) <= EVENT_BYTES_MAX or len(sent) > EVENT_BYTES_MAX else sent


def _matters(sent_at: bytes, now: float) -> bool:
    """Whether the batch's `sentAt` says that the sender's clock is off, or can't be read (which decoding refuses)."""
    if sent_at == b"null":
        return False
    try:
        return abs(_INSTANT.validate_json(sent_at) - now) > SKEW_TOLERANCE_S
    except ValidationError:
        return True
