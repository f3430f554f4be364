"""What was refused, byte for byte, and why: nothing that was sent is lost silently."""

import re
from base64 import b64encode
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

VALUE_CHARS_MAX = 80
"""A dead letter shows at most this much of the offending value: enough to find it, and no more in a log."""

REASONS = MappingProxyType(
    {
        "too_large": "the message is larger than an event may be",
        "not_utf8": "the bytes are not UTF-8 text",
        "not_json": "the line is not one JSON text",
        "not_object": "the line is JSON, but not an object",
        "unknown_type": "`type` names no call of the Segment spec",
        "missing_field": "a field that this call needs is not there",
        "missing_account": "nothing says which account the message is about",
        "wrong_type": "a field holds another kind of value than the spec says",
        "empty": "an id or a name is empty or blank",
        "bad_text": "an id or a name holds control characters, or any text U+0000",
        "too_long": "a text is longer than its limit",
        "too_many": "more properties than the limit",
        "too_deep": "properties are nested deeper than the limit",
        "not_finite": "a number is NaN or infinite, or too large for a float",
        "out_of_range": "a whole number beyond 64 bits",
        "bad_date": "a date that cannot be read, or of an impossible year",
        "future": "a date that lies ahead of the clock by more than the tolerance",
        "encoding": "the body of a request says that it is gzip, and is not, or not whole",
        "wrong_partition": "the message lies in another partition of its topic than its account belongs to",
        "not_an_answer": "an event about a cohort is no answer to one of its triggers",
        "unknown_trigger": "an answer to a cohort's trigger names one that the cohort never had",
        "engine_error": "the engine failed on an event that was accepted: it is in the log, and not in the score",
    }
)
"""Every reason there is, with its meaning; a Prometheus label, so the set is closed."""

_SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|authori[sz]ation|api[_-]?key|cookie|session_?id|ssn", re.IGNORECASE
)
"""Fields whose values are never shown, whatever is wrong with them."""


class Place(NamedTuple):
    """Where the first of some lines stands."""

    origin: str = "-"
    """A file, a topic and partition, a request."""
    first: int = 1
    """Number of the first line there; files count from 1."""

    def position(self, index: int) -> str:
        """Of the line at `index` (from 0), as editors read it: `events.jsonl:17`."""
        return f"{self.origin}:{self.first + index}"


class DeadLetter(NamedTuple):
    """One refused line."""

    reason: str
    """A key of REASONS."""

    field: str
    """Dotted path of the field at fault, `context.groupId`, `properties.items.3`; empty for the line as a whole."""

    value: str
    """`repr` of what stood there, cut at VALUE_CHARS_MAX; empty where it is the line itself, or secret by its name."""

    message: str
    """What is wrong and what is allowed, for a reader."""

    raw: bytes
    """The line exactly as it was read."""

    position: str
    """Where it came from: `file:line`."""

    item: int
    """Its place among the lines that were decoded together, from 0."""

    at: float | None
    """When it was refused, unix seconds; None when the caller has no clock."""

    def to_json(self) -> dict[str, Any]:
        """A JSON object that holds all of it: `raw` in base64, and as text where it is text.

        >>> DeadLetter("not_json", "", "", "not JSON", b"{", "a.jsonl:3", 2, None).to_json()["raw_text"]
        '{'
        """
        try:
            text: str | None = self.raw.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        at = None if self.at is None else datetime.fromtimestamp(self.at, UTC).isoformat().replace("+00:00", "Z")
        return {
            "reason": self.reason,
            "field": self.field,
            "value": self.value,
            "message": self.message,
            "position": self.position,
            "at": at,
            "raw": b64encode(self.raw).decode("ascii"),
            "raw_text": text,
        }


def shown(field: str, value: object) -> str:
    """What of a value may be shown: its `repr`, cut, and nothing at all under a name that speaks of a secret.

    >>> shown("properties.plan", "pro"), shown("properties.api_key", "sk_live_1")
    ("'pro'", '')
    """
    if _SECRET.search(field):
        return ""
    if isinstance(value, str | bytes):
        value = value[: VALUE_CHARS_MAX + 1]  # a repr of all of it could be long to make
    elif isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"  # its parts may be secrets
    elif isinstance(value, int) and abs(value) >= 10**VALUE_CHARS_MAX:
        return f"a whole number of {value.bit_length()} bits"  # Python refuses to print the largest
    text = repr(value)
    return text if len(text) <= VALUE_CHARS_MAX else text[: VALUE_CHARS_MAX - 1] + "…"
