"""Lines in, events out: the one way by which messages of the Segment spec reach the core, whatever brought them here.

A whole batch is validated in one call. When that fails, the batch is gone through line by line, and the bad lines alone
become dead letters; their neighbours come out as if they had come alone.
"""

import secrets
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from scoring.event import Event
from streams.dating import Clock, date
from streams.dead_letter import DeadLetter, Place
from streams.message import EVENT_BYTES_MAX, Group, Identify, Message, Page
from streams.refusal import Refused, invalid, too_large
from streams.vocabulary import Vocabulary

__all__ = ["DeadLetter", "Decoded", "Place", "Vocabulary", "decode", "validate_only"]

BATCH_LINES = 256
"""Lines validated in one call: more save nothing, and one bad line makes that many be validated again."""

CONTENT_ID_BYTES = 12
"""Of a message id that we make: no two of 10^12 messages of one account share one by chance."""

_NONCE = secrets.token_hex(8)
_KEYS = [f'"{_NONCE}{number}":'.encode() for number in range(BATCH_LINES)]
_NAMES = [f"{_NONCE}{number}" for number in range(BATCH_LINES)]
"""Every line of a batch goes under a key that no sender can guess. Were the lines only joined by commas, broken lines
such as `{"a":[{}` and `{}]}` could make a good one together, and one sender could swallow the event of the next."""

UNPLACED = Place()

_BATCH = TypeAdapter(dict[str, Message])
_ONE: TypeAdapter[Message] = TypeAdapter(Message)


class Decoded(NamedTuple):
    """What became of some lines; events and dead letters in the order of the lines."""

    events: list[Event]
    dead: list[DeadLetter]
    ignored: int
    """Valid messages that say nothing we score by (`alias`, `heartbeat`), and blank lines."""


def decode(
    lines: Sequence[bytes],
    *,
    vocabulary: Vocabulary,
    now: float | Sequence[float] | None = None,
    wall: float | None = None,
    stream: str | None = None,
    live: bool = False,
    place: Place = UNPLACED,
) -> Decoded:
    """The events in `lines`, each a JSON object; a line that is none becomes a dead letter, and never an exception.

    `now`, of all lines or of each, stands in for a missing `receivedAt`; with `live` it is the arrival always. `wall`
    is the true time, against which `receivedAt` is checked (all unix seconds). A `stream` that the caller names, by
    path or topic, wins over the vocabulary's; the name is the vocabulary's all the same. `place` tells where the first
    line stands.

    >>> from streams.vocabulary import shipped
    >>> line = b'{"type":"track","event":"QBR Held","groupId":"acme","timestamp":"2026-03-01T09:30:00Z"}'
    >>> decoded = decode([line, b"{"], vocabulary=shipped())
    >>> decoded.events[0].name, decoded.events[0].stream, decoded.dead[0].position
    ('qbr_completed', 'cs', '-:2')
    """
    each = now if isinstance(now, Sequence) else None
    clock = Clock(None if isinstance(now, Sequence) else now, wall, live)
    decoder = _Decoder(lines, vocabulary, clock, stream, place, each)
    for start in range(0, len(lines), BATCH_LINES):
        batch = lines[start : start + BATCH_LINES]
        messages = _validate(batch)
        if messages is None:
            decoder.take_one_by_one(batch, start)
        else:
            decoder.take(messages, start)
    return Decoded(decoder.events, decoder.dead, decoder.ignored)


def validate_only(lines: Sequence[bytes]) -> int:
    """How many lines are valid messages: what `decode` does with pydantic and nothing else; benchmarks' yardstick."""
    valid = 0
    for start in range(0, len(lines), BATCH_LINES):
        batch = lines[start : start + BATCH_LINES]
        messages = _validate(batch)
        if messages is not None:
            valid += len(messages)
            continue
        for line in batch:
            try:
                _validate_one(line)
                valid += 1
            except Refused:
                pass
    return valid


def _validate(batch: Sequence[bytes]) -> list[Message] | None:
    """The messages of all lines, validated in one call; None when a line is bad."""
    if max(map(len, batch)) > EVENT_BYTES_MAX:
        return None
    try:
        named = _BATCH.validate_json(b"{" + b",".join(map(bytes.__add__, _KEYS, batch)) + b"}")
    except ValidationError:
        return None
    return list(named.values()) if list(named) == _NAMES[: len(batch)] else None


def _validate_one(line: bytes) -> Message:
    if len(line) > EVENT_BYTES_MAX:
        raise too_large(len(line))
    try:
        return _ONE.validate_json(line)
    except ValidationError as error:
        raise invalid(line, error) from None


class _Decoder:
    """Turns validated messages into events."""

    def __init__(
        self,
        lines: Sequence[bytes],
        vocabulary: Vocabulary,
        clock: Clock,
        stream: str | None,
        place: Place,
        nows: Sequence[float] | None,
    ) -> None:
        self.events: list[Event] = []
        self.dead: list[DeadLetter] = []
        self.ignored = 0
        self._lines = lines
        self._meanings = vocabulary.meanings
        self._clock = clock
        self._nows = nows
        self._stream = stream
        self._place = place

    def take(self, messages: Iterable[Message], first: int) -> None:
        """Make events of messages, the first of which is line `first`. A usual track call never leaves this loop."""
        meanings, stream_named, latest = self._meanings, self._stream, self._clock.latest
        append, make = self.events.append, tuple.__new__
        for index, message in enumerate(messages, first):
            try:
                if message["type"] == "track":
                    stream, name = meanings[message["event"]]
                    stream = stream_named or stream
                    properties = message.get("properties")
                    context = message.get("context")
                    account = (context.get("groupId") if context else None) or message.get("groupId")
                elif message["type"] == "alias" or message["type"] == "heartbeat":
                    self.ignored += 1
                    continue
                else:
                    account, stream, name, properties = self._other(message)
                if account is None:
                    raise _accountless(message["type"])
                at, arrived = message.get("timestamp"), message.get("receivedAt")
                if at is None or arrived is None or not at <= arrived <= latest:
                    at, arrived = date(message, self._clock_at(index))
                message_id = message.get("messageId") or self._content_id(index, message.get("timestamp"))
                user_id = message.get("userId")
                # what Event(...) does, at half its cost
                append(make(Event, (account, stream, name, at, arrived, message_id, user_id, properties or {})))
            except Refused as refusal:
                self._bury(refusal, index)

    def take_one_by_one(self, batch: Sequence[bytes], first: int) -> None:
        """The same for lines of which at least one is bad."""
        for index, line in enumerate(batch, first):
            if not line.strip():
                self.ignored += 1
                continue
            try:
                message = _validate_one(line)
            except Refused as refusal:
                self._bury(refusal, index)
            else:
                self.take((message,), index)

    def _other(self, message: Page | Group | Identify) -> tuple[str | None, str, str, dict[str, object] | None]:
        """Account, stream, name and properties of the calls other than track."""
        account = message.get("groupId")
        if message["type"] == "group":
            return account, "accounts", "group", message.get("traits")
        context = message.get("context")
        account = (context.get("groupId") if context else None) or account
        if message["type"] == "identify":
            return account, "accounts", "identify", message.get("traits")
        return account, self._stream or "usage", _viewed(message), message.get("properties")

    def _clock_at(self, index: int) -> Clock:
        """The clock as of line `index`."""
        return self._clock if self._nows is None else self._clock._replace(now=self._nows[index])

    def _content_id(self, index: int, timestamp: float | None) -> str:
        """An id for a message without one: the same bytes sent again are the same message, if they say when it was."""
        digest = blake2b(self._lines[index].strip(), digest_size=CONTENT_ID_BYTES)
        if timestamp is None:
            digest.update(repr(self._clock_at(index).now).encode())
        return f"content-{digest.hexdigest()}"

    def _bury(self, refusal: Refused, index: int) -> None:
        self.dead.append(
            DeadLetter(
                reason=refusal.reason,
                field=refusal.field,
                value=refusal.value,
                message=refusal.message,
                raw=self._lines[index],
                position=self._place.position(index),
                item=index,
                at=self._clock_at(index).now if self._clock.wall is None else self._clock.wall,
            )
        )


def _viewed(message: Page) -> str:
    """The name of a page or screen call as a usage event, as Segment's destinations write it."""
    kind = "Page" if message["type"] == "page" else "Screen"
    name = message.get("name")
    return f"Viewed {name} {kind}" if name else f"Viewed {kind}"


def _accountless(call: str) -> Refused:
    if call == "group":
        return Refused("missing_account", "groupId", "a group call is about the account `groupId`")
    return Refused("missing_account", "context.groupId", "the account must be in `context.groupId`, or in `groupId`")
