"""Why a line is refused, in our words: one reason, one field, and what is allowed there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from scoring.storable import ALLOWED, Unstorable
from streams.dead_letter import shown
from streams.message import CALLS, DEPTH_MAX, EVENT_BYTES_MAX, ID_CHARS_MAX, KEY_CHARS_MAX, PROPERTIES_MAX

FIELD_CHARS_MAX = 120
"""A path through somebody's nested properties can be as long as the message."""

_DATES = ("timestamp", "receivedAt", "sentAt", "originalTimestamp")
_DATE_ALLOWED = 'allowed: ISO 8601 of 2000 to 2099, "2026-03-01T09:30:00.000Z" or with an offset; without a zone, UTC'
_DATED = re.compile(r"[+-]?[0-9]{4,6}-")
_ABSENT = object()


class Refused(Exception):
    """A line that cannot become an event; it ends as a dead letter."""

    def __init__(self, reason: str, field: str, message: str, value: object = _ABSENT) -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field if len(field) <= FIELD_CHARS_MAX else field[: FIELD_CHARS_MAX - 1] + "…"
        self.value = "" if value is _ABSENT else shown(field, value)
        self.message = message


def too_large(size: int) -> Refused:
    """A line over the limit; it is never parsed."""
    return Refused("too_large", "", f"a message of {size} bytes, at most {EVENT_BYTES_MAX}")


def not_storable(found: Unstorable) -> Refused:
    """A text that not every database can hold."""
    message = f"a name in it {ALLOWED}" if found.is_name else ALLOWED
    return Refused("bad_text", found.field, message, found.text)


def invalid(line: bytes, error: ValidationError) -> Refused:
    """The first thing that pydantic found wrong with a line."""
    found = error.errors(include_url=False)[0]
    kind, value = found["type"], found["input"]
    path = [str(part) for part in found["loc"]]
    if kind == "json_invalid":
        return _not_json(line, str(found["ctx"]["error"]))
    if kind == "union_tag_not_found":
        return Refused("missing_field", "type", f"`type` is missing; allowed: {', '.join(CALLS)}")
    if kind == "union_tag_invalid":
        return Refused("unknown_type", "type", f"no call of this name; allowed: {', '.join(CALLS)}", value["type"])
    if not path:
        return Refused("not_object", "", "a message is a JSON object", value)
    del path[0]  # the branch of the union, which is no key
    if path[0] in _DATES:
        return bad_date(path[0], value)
    return _bad_field(kind, path, value, found.get("ctx", {}))


def bad_date(field: str, value: object) -> Refused:
    """A date that is none, or of a year that cannot be."""
    if not isinstance(value, str):
        return Refused("wrong_type", field, f"must be a text; {_DATE_ALLOWED}", value)
    if _DATED.match(value) and not re.match("20[0-9]{2}-", value):
        return Refused("bad_date", field, f"an impossible year; {_DATE_ALLOWED}", value)
    return Refused("bad_date", field, f"not a date; {_DATE_ALLOWED}", value)


def _not_json(line: bytes, detail: str) -> Refused:
    """`detail` is the parser's word ("EOF while parsing a string at line 1 column 80"); the line may hold secrets."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refused("not_utf8", "", f"byte {error.start} is not UTF-8 ({error.reason}); allowed: JSON in UTF-8")
    if "recursion limit" in detail:
        return Refused("too_deep", "", f"nested deeper than any parser should go; properties may nest {DEPTH_MAX} deep")
    if "number out of range" in detail:
        return Refused("out_of_range", "", f"a number of thousands of digits ({detail}); at most 64 bits")
    return Refused("not_json", "", f"not one JSON object on one line: {detail.replace('line 1 ', '')}")


def _bad_field(kind: str, path: Sequence[str], value: Any, context: Mapping[str, Any]) -> Refused:
    field = ".".join(path)
    if "path" in context:  # found by our own look at the properties
        return Refused(kind, field + context["path"], context["message"], context["value"])
    if kind == "missing":
        return Refused("missing_field", field, "this call needs it")
    if kind == "string_pattern_mismatch":
        if not value.strip():
            return Refused("empty", field, "must not be empty or blank", value)
        return Refused("bad_text", field, "must not hold control characters", value)
    if kind == "string_too_long" and path[-1] == "[key]":
        parent = ".".join(path[:-2])
        return Refused("too_long", parent, f"a name of {len(value)} characters, at most {KEY_CHARS_MAX}", value)
    if kind == "string_too_long":
        return Refused("too_long", field, f"{len(value)} characters, at most {ID_CHARS_MAX}", value)
    if kind == "too_long":
        return Refused("too_many", field, f"{len(value)} entries, at most {PROPERTIES_MAX}", value)
    wanted = {"string_type": "a text in quotes", "dict_type": "an object"}.get(kind, "of another kind")
    return Refused("wrong_type", field, f"must be {wanted}", value)
