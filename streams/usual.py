"""The usual message, read without pydantic: it becomes what streams/message.py defines, at a third of the cost.

Whatever is not usual (another call, another way to write a date, anything that may be wrong) is left to pydantic, which
alone refuses, and says why. A law holds the two together (tests/laws/test_decode_laws.py). It does not hold two things:
fields that nobody reads may be nested some thousand levels deep here, and 200 there; and digits of a date beyond the
microsecond are rounded here, and cut there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from pydantic_core import PydanticCustomError

from scoring.event import Event
from streams.message import EVENT_BYTES_MAX, ID_CHARS_MAX, KEY_CHARS_MAX, PROPERTIES_MAX, bounded, viewed

EARLIEST, LATEST = 946_771_200.0, 4_102_358_400.0
"""2000-01-02 and 2099-12-31: between them, no zone can move a date into a year that is refused."""

UNUSUAL = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, PydanticCustomError)
"""What `read` raises where pydantic must look."""

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


def read(line: bytes, meanings: Mapping[str, tuple[str, str]], stream: str | None, latest: float) -> Event:
    """The event of a line; one of UNUSUAL where pydantic must look.

    meanings: (stream, name) by the name that was sent; stream: wins over that; latest: no arrival is after it, unix
    seconds.
    """
    if len(line) > EVENT_BYTES_MAX:
        raise msgspec.ValidationError
    if not line.isascii():
        line.decode()  # the decoder does not look into texts that it skips
    message = _decode(line)
    at, arrived = message.timestamp.timestamp(), message.received_at.timestamp()
    account = message.context.group_id if message.context else None
    stated, message_id, user_id = message.group_id, message.message_id, message.user_id
    ids = f"{message_id}{account or ''}{stated or ''}{user_id or ''}"
    if not (
        EARLIEST <= at <= arrived <= latest
        and arrived <= LATEST
        and (account or stated)
        and ids.isprintable()
        and " " not in ids  # one could be blank
    ):
        raise msgspec.ValidationError
    sent = message.properties
    if message.type == "track":
        said = message.event or ""
        meant, name = meanings.get(said) or meanings[_checked(said)]  # what is at hand was checked before
    elif message.type == "group":
        if not stated:
            raise msgspec.ValidationError
        account, name, sent = stated, "group", message.traits
        stream = meant = "accounts"  # whatever the caller names
    else:
        meant, name = "usage", viewed(message.type, _checked(message.name or ""))
    properties = bounded(sent) if sent else {}
    # what Event(...) does, at half its cost
    return tuple.__new__(
        Event, (account or stated, stream or meant, name, at, arrived, message_id, user_id, properties)
    )


def _checked(sent: str) -> str:
    """A name that certainly is one: it does not begin with a blank, and holds nothing that does not show."""
    if sent[:1] > " " and sent.isprintable():
        return sent
    raise msgspec.ValidationError
