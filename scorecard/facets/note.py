"""Dated statements about one account, bounded, the same in whatever order they arrive."""

from bisect import insort
from collections.abc import Iterable
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from scoring.event import Event

NOTES_MAX = 512
"""Notes kept by a facet of one account, the newest ones: 256 tickets with their ends, two years of a large customer."""

KEY_CHARS_MAX = 128
"""Of what a note is about: an id, a name of a campaign."""


class Note(NamedTuple):
    """One statement. They sort by time, then by a hash of the message's id, so ties go the same way everywhere."""

    at: float
    """Unix seconds."""
    digest: int
    """Of the message id."""
    what: str
    key: str
    """What it is about: a ticket, a person, a campaign."""
    value: float = 0.0
    amount: int = 0
    """Minor units of the reporting currency."""


def note(event: Event, what: str, key: str, value: float = 0.0, amount: int = 0) -> Note:
    """What an event says."""
    return Note(event.at, xxh3_64_intdigest(event.message_id.encode()), what, key[:KEY_CHARS_MAX], value, amount)


def add(notes: list[Note], said: Note) -> None:
    """Put a note into its place; one of a message that is there already changes nothing, whatever it says now.

    What is kept are the newest NOTES_MAX of all that were ever said, whatever the order: what is older than these is
    not kept, however often it is sent.
    """
    digest = said.digest
    if any(one.digest == digest for one in notes):
        return
    insort(notes, said)
    if len(notes) > NOTES_MAX:
        del notes[0]


def person(event: Event) -> str:
    """Who is meant: `properties.person`, else `userId`; empty when nobody is named."""
    named = event.properties.get("person")
    return named if isinstance(named, str) and named else event.user_id or ""


def text(event: Event, *names: str) -> str:
    """The first of these properties that is a text; empty when there is none."""
    for name in names:
        value = event.properties.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def until(notes: Iterable[Note], instant: float) -> list[Note]:
    """The notes from before an instant, in their order."""
    return [one for one in notes if one.at < instant]
