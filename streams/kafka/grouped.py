"""The events of a chunk by account."""

from collections.abc import Callable, Container, Generator
from typing import NamedTuple

from scoring.event import Event
from scoring.subject import is_cohort
from streams.dead_letter import DeadLetter
from streams.kafka.chunk import Chunk, decode_each, decode_together
from streams.vocabulary import Vocabulary

SLICE_MESSAGES = 1_024
"""Messages decoded before others get their turn: some milliseconds' work."""


class Grouped(NamedTuple):
    """The events of each account, in order, and what was refused."""

    batches: dict[str, list[Event]]
    dead: list[DeadLetter]


def grouped(
    chunk: Chunk, vocabulary: Vocabulary, known: Container[str], home: Callable[[str], bool]
) -> Generator[None, None, Grouped | None]:
    """The events of all messages; gives way every few milliseconds. None when one of them belongs elsewhere, and when
    those of one account have several keys, so that their order is lost.

    known: accounts that belong here for certain; home: whether another one does.
    """
    batches: dict[str, list[Event]] = {}
    dead: list[DeadLetter] = []
    of: str | None = None  # whom the batch is of
    batch: list[Event] = []
    places, here = chunk.by_key(), list[int]()
    before = place = -1
    for start in range(0, len(chunk.values), SLICE_MESSAGES):
        end = start + SLICE_MESSAGES
        if places is None:
            events, letters = decode_together(chunk.part(start, end), vocabulary)
        else:
            here, events, letters = _placed(chunk, places[start:end], vocabulary)
        dead += letters
        for index, event in enumerate(events):
            account_id = event.account_id
            if places is not None:
                place = here[index]
            if account_id == of:
                if place < before:
                    return None
            else:
                of, batch = account_id, batches.get(account_id, [])
                if batch and places is not None:
                    return None
                if not batch:
                    if account_id not in known and not home(account_id):
                        return None
                    if not is_cohort(account_id):  # an answer to a cohort's trigger concerns no account
                        batches[account_id] = batch
            batch.append(event)
            before = place
        yield
    return Grouped(batches, dead)


def _placed(
    chunk: Chunk, places: list[int], vocabulary: Vocabulary
) -> tuple[list[int], list[Event], list[DeadLetter]]:  # fmt: skip
    """The events of the messages at these places, each with its place, and what was refused."""
    part = chunk.pick(places)
    events, dead = decode_together(part, vocabulary)
    if len(events) == len(places):  # of a message comes one event at most: then one of each
        return places, events, dead
    each = decode_each(part, vocabulary)
    found = [(places[index], event) for index, event, _ in each if event is not None]
    return [place for place, _ in found], [event for _, event in found], [letter for *_, letter in each if letter]


def newest(events: list[Event]) -> float:
    """When the last of the events arrived, unix seconds."""
    newest = 0.0
    for event in events:
        arrived = event.arrived
        if arrived > newest:  # noqa: PLR1730 - max() costs a call on the hot path
            newest = arrived
    return newest
