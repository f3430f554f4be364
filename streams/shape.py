"""The usual message as msgspec reads it: what streams/usual.py makes events of. Not compiled: msgspec can't tell the
types of compiled classes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from streams.message import ID_CHARS_MAX, KEY_CHARS_MAX, PROPERTIES_MAX

_Id = Annotated[str, Meta(min_length=1, max_length=ID_CHARS_MAX)]
_Instant = Annotated[datetime, Meta(tz=True)]
_Key = Annotated[str, Meta(max_length=KEY_CHARS_MAX)]
_Properties = Annotated[dict[_Key, Any], Meta(max_length=PROPERTIES_MAX)]


class _Context(Struct, rename="camel", gc=False):
    group_id: _Id | None = None


class _Usual(Struct, rename="camel", gc=False, kw_only=True):
    # msgspec looks for the fields in this order: that of the docs' examples
    type: Literal["track", "page", "screen", "group"]
    event: _Id | None = None
    message_id: _Id
    user_id: _Id | None = None
    context: _Context | None = None
    timestamp: _Instant
    received_at: _Instant
    properties: _Properties | None = None
    name: _Id | None = None
    group_id: _Id | None = None
    traits: _Properties | None = None


Fields = tuple[
    str, str | None, str, str | None, Any, datetime, datetime, dict[str, Any] | None, str | None, str | None,
    dict[str, Any] | None,
]  # fmt: skip
"""Of a message, in the order of _Usual."""

decode: Callable[[bytes], Any] = msgspec.json.Decoder(_Usual).decode
"""A message; MsgspecError where it is none of these."""

fields: Callable[[Any], Fields] = msgspec.structs.astuple
"""What it consists of."""
