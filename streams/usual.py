"""The usual message, read without pydantic: it becomes what streams/message.py defines, at a third of the cost.

Whatever is not usual (another call, another way to write a date, anything that may be wrong) is left to pydantic, which
alone refuses, and says why. A law holds the two together (tests/laws/test_decode_laws.py). It does not hold two things:
fields that nobody reads may be nested some thousand levels deep here, and 200 there; and digits of a date beyond the
microsecond are rounded here, and cut there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from pydantic_core import PydanticCustomError

from scoring.event import Event
from scoring.subject import is_cohort
from streams.message import (
    EVENT_BYTES_MAX,
    ID_CHARS_MAX,
    KEY_CHARS_MAX,
    PROPERTIES_MAX,
    TEXT_CHARS_MAX,
    bounded,
    viewed,
)

EARLIEST, LATEST = 946_771_200.0, 4_102_358_400.0
"""2000-01-02 and 2099-12-31: between them, no zone can move a date into a year that is refused."""

UNUSUAL = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, PydanticCustomError)
"""Raised where pydantic must look."""

_Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARS_MAX)]
_Instant = Annotated[datetime, Meta(tz=True)]
_Key = Annotated[str, Meta(max_length=KEY_CHARS_MAX)]
_Properties = Annotated[dict[_Key, Any], Meta(max_length=PROPERTIES_MAX)]


class _Context(Struct, rename="camel", gc=False):
    group_id: _Id | None = None


class _Usual(Struct, rename="camel", gc=False):
    type: Literal["track", "page", "screen", "group"]
    timestamp: _Instant
    received_at: _Instant
    message_id: _Id
    event: _Id | None = None
    name: _Id | None = None
    context: _Context | None = None
    group_id: _Id | None = None
    user_id: _Id | None = None
    properties: _Properties | None = None
    traits: _Properties | None = None


_decode = msgspec.json.Decoder(_Usual).decode


def read(  # noqa: C901, PLR0912 - the hot path, in one place
    lines: Sequence[bytes],
    start: int,
    meanings: Mapping[str, tuple[str, str]],
    stream: str | None,
    latest: float,
    events: list[Event],
    *,
    plain: bool,
) -> int:
    """Add the events of the lines from `start` on, up to the first one where pydantic must look; its index.

    meanings: (stream, name) by the name that was sent; stream: wins over that; latest: no arrival is after it, unix
    seconds; plain: what `is_plain` says of the lines.
    """
    index, append, decode, new = start, events.append, _decode, tuple.__new__
    try:
        for index in range(start, len(lines)):
            line = lines[index]
            if len(line) > EVENT_BYTES_MAX:
                return index
            if not plain and not line.isascii():
                line.decode()  # the decoder does not look into texts that it skips
            message = decode(line)
            at, arrived = message.timestamp.timestamp(), message.received_at.timestamp()
            context, stated, user_id = message.context, message.group_id, message.user_id
            account = (context.group_id if context is not None else None) or stated
            message_id, sent = message.message_id, message.properties
            if account is None or not EARLIEST <= at <= arrived <= latest or arrived > LATEST:
                return index
            # one that begins with a blank may be all blank
            if plain and stated is None:
                if message_id < "!" or account < "!" or (user_id is not None and user_id < "!"):
                    return index
            elif not _shown(f"{message_id}{account}{stated or ''}{user_id or ''}") or is_cohort(account):
                return index
            if message.type == "track":
                said = message.event or ""
                meant, name = meanings.get(said) or meanings[_checked(said)]  # what is at hand was checked before
            elif message.type == "group":
                if not stated:
                    return index
                account, name, sent = stated, "group", message.traits
                meant = "accounts"  # whatever the caller names
            else:
                meant, name = "usage", viewed(message.type, _checked(message.name or ""))
            if sent is None:
                sent = {}
            else:
                for value in sent.values():
                    if type(value) is not str or len(value) > TEXT_CHARS_MAX:
                        bounded(sent)
                        break
            place = meant if stream is None or message.type == "group" else stream
            # what Event(...) does, at half its cost
            append(new(Event, (account, place, name, at, arrived, message_id, user_id, sent)))
    except UNUSUAL:
        return index
    return len(lines)


def is_plain(lines: Sequence[bytes]) -> bool:
    """Whether all texts in the lines hold only what shows in ASCII: asked of all bytes at once, it need not be asked of
    each text. (What is below a blank, the decoder refuses.)
    """
    text = b"".join(lines)
    return text.isascii() and b"\\" not in text and b"\x7f" not in text


def _shown(ids: str) -> bool:
    """Whether ids hold only what shows. None of them could be blank then."""
    return ids.isprintable() and " " not in ids


def _checked(sent: str) -> str:
    """A name that certainly is one: it does not begin with a blank, and holds nothing that does not show."""
    if sent[:1] > " " and sent.isprintable():
        return sent
    raise msgspec.ValidationError
