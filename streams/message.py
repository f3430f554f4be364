"""The messages of the Segment spec as pydantic validates them: https://segment.com/docs/connections/spec/.

Typed dictionaries rather than models: the same validation at less cost. The usual message does not even come here (see
streams/usual.py).
Fields that we do not read (`integrations`, most of `context`) are not looked at.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, Field, GetPydanticSchema
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

EVENT_BYTES_MAX = 32 * 1024
"""Segment's own limit for a message."""

ID_CHARS_MAX = 256
"""Ids and event names: Segment allows 100 for a message id; a URL as a name still fits."""

PROPERTIES_MAX = 256
"""Properties or traits of one message: the widest event has some dozens, a mistake (a whole table) has more."""

KEY_CHARS_MAX = 256
"""A property's name; what is longer is data that slipped into the key."""

TEXT_CHARS_MAX = 8_192
"""A property's text: the longest comment of an NPS survey fits; a document does not belong into an event."""

DEPTH_MAX = 8
"""Nesting of properties, themselves counted: analytics tools flatten at 2 or 3."""

INTEGER_MAX = 2**63 - 1
"""Whole numbers that every other tool in the chain can hold."""

_DAY = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
_ZONED = f"^{_DAY}[Tt ]{_TIME}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$"
_ZONELESS = f"^{_DAY}([Tt ]{_TIME}[zZ]?)?$"
"""ISO 8601 as Segment's libraries write it, and, in the second place, without a zone. Years 2000 to 2099: nothing
that we score happened before, and what says 1970 is a clock that was never set."""

_NO_CONTROL = r"[^\x00-\x1f\x7f]"
_NAMED = rf"^{_NO_CONTROL}*[^\x00-\x20\x7f]{_NO_CONTROL}*$"
"""No control characters, and not blank."""


def _as_utc(text: str) -> float:
    """Unix seconds of a date without a zone: UTC, which is what databases and warehouses export."""
    return datetime.fromisoformat(text.upper()).replace(tzinfo=UTC).timestamp()


def _instant_schema() -> core_schema.CoreSchema:
    """Text -> unix seconds. The usual way runs no Python of ours: only functions in C, which cost a third."""
    after = core_schema.no_info_after_validator_function
    zoned = after(datetime.timestamp, after(datetime.fromisoformat, core_schema.str_schema(pattern=_ZONED)))
    zoneless = after(_as_utc, core_schema.str_schema(pattern=_ZONELESS))
    return core_schema.union_schema([zoned, zoneless], mode="left_to_right")


def bounded(properties: dict[str, Any]) -> dict[str, Any]:
    """The same properties, once they are known to hold nothing that would harm whoever computes with them."""
    for value in properties.values():
        kind = type(value)
        if kind is str:
            if len(value) > TEXT_CHARS_MAX:
                break
        elif kind is int:
            if not -INTEGER_MAX <= value <= INTEGER_MAX:
                break
        elif kind is float:
            if value - value != 0.0:
                break
        elif kind is dict or kind is list:
            break
    else:
        return properties
    _walk(properties, "", 1)
    return properties


def _walk(value: Any, path: str, depth: int) -> None:
    """Look at everything, and name what is wrong; `bounded` comes here only with nested or suspicious properties."""
    if isinstance(value, dict | list):
        if depth > DEPTH_MAX:
            raise _wrong("too_deep", path, value, f"nested deeper than the limit of {DEPTH_MAX}")
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str) and len(key) > KEY_CHARS_MAX:
                raise _wrong("too_long", path, key, f"a name of {len(key)} characters, at most {KEY_CHARS_MAX}")
            _walk(inner, f"{path}.{key}", depth + 1)
    elif isinstance(value, str) and len(value) > TEXT_CHARS_MAX:
        raise _wrong("too_long", path, value, f"a text of {len(value)} characters, at most {TEXT_CHARS_MAX}")
    elif isinstance(value, float) and value - value != 0.0:
        raise _wrong("not_finite", path, value, "a number must be finite and fit a 64-bit float")
    elif isinstance(value, int) and not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise _wrong("out_of_range", path, value, f"a whole number lies between -{INTEGER_MAX} and {INTEGER_MAX}")


def _wrong(reason: str, path: str, value: object, message: str) -> PydanticCustomError:
    return PydanticCustomError(reason, "{message}", {"path": path, "value": value, "message": message})


Id = Annotated[str, Field(max_length=ID_CHARS_MAX, pattern=_NAMED)]
Instant = Annotated[float, GetPydanticSchema(lambda _source, _handler: _instant_schema())]
"""ISO 8601 text on the wire, unix seconds in our hands."""
Properties = Annotated[
    dict[Annotated[str, Field(max_length=KEY_CHARS_MAX)], Any],
    Field(max_length=PROPERTIES_MAX),
    AfterValidator(bounded),
]


class Context(TypedDict):
    """Of all of Segment's context, the account."""

    groupId: NotRequired[Id | None]


class Call(TypedDict):
    """What every call may carry. Null is the same as absent."""

    messageId: NotRequired[Id | None]
    userId: NotRequired[Id | None]
    groupId: NotRequired[Id | None]
    context: NotRequired[Context | None]
    timestamp: NotRequired[Instant | None]
    receivedAt: NotRequired[Instant | None]
    sentAt: NotRequired[Any]
    """Read only when messages come straight from clients (see streams/dating.py), so not validated before."""
    originalTimestamp: NotRequired[Any]


class Track(Call):
    """Somebody did something."""

    type: Literal["track"]
    event: Id
    properties: NotRequired[Properties | None]


class Page(Call):
    """Somebody saw a page of the web product, or a screen of the app: a usage event."""

    type: Literal["page", "screen"]
    name: NotRequired[Id | None]
    properties: NotRequired[Properties | None]


class Group(Call):
    """What is known of an account."""

    type: Literal["group"]
    traits: NotRequired[Properties | None]


class Identify(Call):
    """What is known of a person of an account."""

    type: Literal["identify"]
    traits: NotRequired[Properties | None]


class Alias(TypedDict):
    """Two ids of one person: valid, and nothing that we score by."""

    type: Literal["alias"]


class Heartbeat(TypedDict):
    """Not a call of Segment's, and about no account: it shows that whoever sends events is alive, though none come."""

    type: Literal["heartbeat"]


CALLS = ("track", "group", "identify", "page", "screen", "alias")
Message = Annotated[Track | Page | Group | Identify | Alias | Heartbeat, Field(discriminator="type")]


def viewed(call: str, name: str | None) -> str:
    """The name of a page or screen call as a usage event, as Segment's destinations write it.

    >>> viewed("page", "Pricing"), viewed("screen", None)
    ('Viewed Pricing Page', 'Viewed Screen')
    """
    kind = "Page" if call == "page" else "Screen"
    return f"Viewed {name} {kind}" if name else f"Viewed {kind}"
