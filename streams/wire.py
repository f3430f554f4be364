"""Lines in, events out: the one way by which messages of the Segment spec reach the core, whatever brought them here.

Each line is read for itself, so that a bad one costs its neighbours nothing: the usual ones by streams/usual.py, all
others by pydantic.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from scoring.event import Event
from scoring.storable import NUL_IN_JSON, unstorable
from scoring.subject import is_cohort
from streams import answer
from streams.dating import Clock, date
from streams.dead_letter import DeadLetter, Place
from streams.message import EVENT_BYTES_MAX, Group, Identify, Message, Page, Track, viewed
from streams.refusal import Refused, invalid, not_storable, too_large
from streams.usual import is_plain, read
from streams.vocabulary import Vocabulary

__all__ = ["DeadLetter", "Decoded", "Place", "Vocabulary", "decode"]

CONTENT_ID_BYTES = 12
"""Of a message id that we make: no two of 10^12 messages of one account share one by chance."""

UNPLACED = Place()

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class Decoded(NamedTuple):
    """What became of some lines; events and dead letters in the order of the lines."""

    events: list[Event]
    dead: list[DeadLetter]
    passed: Sequence[int]
    """Indices of valid messages that say nothing we score by (`alias`, `heartbeat`), and of blank lines."""

    @property
    def ignored(self) -> int:
        """How many were passed over."""
        return len(self.passed)


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
    meanings, latest, events, plain = vocabulary.meanings, clock.latest, decoder.events, is_plain(lines)
    index = 0
    while (index := read(lines, index, meanings, stream, latest, events, plain=plain)) < len(lines):
        decoder.take(lines[index], index)
        index += 1
    return Decoded(decoder.events, decoder.dead, decoder.passed)


def _validate(line: bytes) -> Message:
    if len(line) > EVENT_BYTES_MAX:
        raise too_large(len(line))
    try:
        message = _MESSAGE.validate_json(line)
    except ValidationError as error:
        raise invalid(line, error) from None
    if NUL_IN_JSON in line:
        _refuse_unstorable(message)
    return message


def _refuse_unstorable(message: Message) -> None:
    """Look into what an event keeps of a message; ids and names were looked at."""
    for part in ("properties", "traits"):
        found = unstorable(message.get(part), part)
        if found is not None:
            raise not_storable(found)


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
        self.passed: list[int] = []
        self._lines = lines
        self._meanings = vocabulary.meanings
        self._clock = clock
        self._nows = nows
        self._stream = stream
        self._place = place

    def take(self, line: bytes, index: int) -> None:
        """Make an event of a line, or bury it."""
        if not line.strip():
            self.passed.append(index)
            return
        try:
            message = _validate(line)
            if message["type"] == "alias" or message["type"] == "heartbeat":
                self.passed.append(index)
            else:
                self.events.append(self._event(message, index))
        except Refused as refusal:
            self._bury(refusal, index)

    def _event(self, message: Track | Page | Group | Identify, index: int) -> Event:
        account, stream, name, properties = self._call(message)
        if account is None:
            raise _accountless(message["type"])
        if is_cohort(account):
            answer.check(name, self._stream, properties or {})
        at, arrived, latest = message.get("timestamp"), message.get("receivedAt"), self._clock.latest
        if at is None or arrived is None or not at <= arrived <= latest:
            at, arrived = date(message, self._clock_at(index))
        message_id = message.get("messageId") or self._content_id(index, message.get("timestamp"))
        return Event(account, stream, name, at, arrived, message_id, message.get("userId"), properties or {})

    def _call(self, message: Track | Page | Group | Identify) -> tuple[str | None, str, str, dict[str, object] | None]:
        """Account, stream, name and properties."""
        account = message.get("groupId")
        if message["type"] == "group":
            return account, "accounts", "group", message.get("traits")
        context = message.get("context")
        account = (context.get("groupId") if context else None) or account
        if message["type"] == "identify":
            return account, "accounts", "identify", message.get("traits")
        if message["type"] == "track":
            stream, name = self._meanings[message["event"]]
        else:
            stream, name = "usage", viewed(message["type"], message.get("name"))
        return account, self._stream or stream, name, message.get("properties")

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


def _accountless(call: str) -> Refused:
    if call == "group":
        return Refused("missing_account", "groupId", "a group call is about the account `groupId`")
    return Refused("missing_account", "context.groupId", "the account must be in `context.groupId`, or in `groupId`")
