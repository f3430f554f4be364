"""Texts that a database can hold: JSON and SQLite know U+0000, PostgreSQL and whatever is written in C do not, and half
of a surrogate pair has no bytes at all. So neither is in any text of an event.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

NUL = "\0"

NUL_IN_JSON = b"\\u0000"
"""The only way to write it in JSON. The same bytes may be the end of a backslash, which JSON writes as two, and
"u0000"."""

ALLOWED = "must not hold U+0000 or half of a surrogate pair; allowed: any other character"


class Unstorable(NamedTuple):
    """Where such a text stands."""

    field: str
    """Dotted path of the text, or of the object of which it is a name."""
    text: str
    is_name: bool


def is_storable(text: str) -> bool:
    """Whether every database can hold the text."""
    if NUL in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unstorable(value: Any, field: str) -> Unstorable | None:
    """The first text in a value of JSON, found in `field`, that not every database can hold.

    >>> unstorable({"plan": {"names": ["pro", "te\\0am"]}}, "traits")
    Unstorable(field='traits.plan.names.1', text='te\\x00am', is_name=False)
    """
    if isinstance(value, str):
        return None if is_storable(value) else Unstorable(field, value, False)
    if not isinstance(value, Mapping | list):
        return None
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        if isinstance(key, str) and not is_storable(key):
            return Unstorable(field, key, True)
        found = unstorable(inner, f"{field}.{key}")
        if found is not None:
            return found
    return None


def made_storable(text: str) -> str:
    """The text, with a sign that something stood there in place of what can't be held.

    >>> made_storable("te\\0am")
    'te\ufffdam'
    """
    return text if is_storable(text) else text.replace(NUL, "\ufffd").encode(errors="replace").decode()
