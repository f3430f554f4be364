"""What people say of a cohort's trigger: an event about the cohort, which no account is concerned by."""

import re
from collections.abc import Mapping
from typing import Any

from plays.episode import SAYINGS
from scoring.subject import SUBJECT_CHARS_MAX
from streams.dead_letter import DeadLetter, shown
from streams.refusal import Refused
from streams.vocabulary import Stream

STREAM: Stream = "cs"
"""The stream of all answers to triggers."""

TRIGGER_ID, PLAY = "trigger_id", "play"

_ID = re.compile(r"[0-9a-f]{32}")


def check(name: str, bound: str | None, properties: Mapping[str, Any]) -> None:
    """Raise Refused unless an event about a cohort is an answer to one of its triggers, as far as that can be told
    without knowing the triggers. bound: the stream that the caller names.
    """
    if name not in SAYINGS:
        allowed = f"about a cohort there are only answers to its triggers; allowed: {', '.join(SAYINGS)}"
        raise Refused("not_an_answer", "event", allowed, name)
    if bound not in (None, STREAM):
        raise Refused("not_an_answer", "", f"answers to triggers are of the stream {STREAM}; sent as {bound}", bound)
    given = properties.get(TRIGGER_ID)
    if given is None:
        play = properties.get(PLAY)
        if not isinstance(play, str) or len(play) > SUBJECT_CHARS_MAX:
            allowed = f"an answer names its trigger: its id in `{TRIGGER_ID}`, or the id of its play in `{PLAY}`"
            raise Refused("missing_field", f"properties.{TRIGGER_ID}", allowed)
    elif not isinstance(given, str) or not _ID.fullmatch(given):
        raise Refused("unknown_trigger", f"properties.{TRIGGER_ID}", "no trigger has such an id; allowed: the `id` of a"
                      " trigger, 32 hexadecimal digits", given)  # fmt: skip


def unknown(
    subject: str, properties: Mapping[str, Any], raw: bytes, position: str, item: int, at: float
) -> DeadLetter:  # fmt: skip
    """What becomes of an answer that names nothing which ever opened for the cohort. at: unix seconds."""
    name = PLAY if properties.get(TRIGGER_ID) is None else TRIGGER_ID
    field = f"properties.{name}"
    message = f"no episode of this {name.replace('_', ' ')} has opened for {subject}"
    value = shown(field, properties[name])
    return DeadLetter("unknown_trigger", field, value, message, raw, position, item, at)
