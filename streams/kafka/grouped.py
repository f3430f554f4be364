"""The events of a chunk by account."""

from collections.abc import Callable, Container, Generator
from typing import NamedTuple

from scoring.event import Event
from scoring.subject import is_cohort
from streams.dead_letter import DeadLetter
from streams.kafka.chunk import Chunk, decode_together
from streams.vocabulary import Vocabulary

SLICE_MESSAGES = 1_024
"""Messages decoded before others get their turn: some milliseconds' work."""


class Grouped(NamedTuple):
    """The events of each account, in order, and what was refused."""

    batches: dict[str, list[Event]]
    dead: list[DeadLetter]


def grouped(  # noqa: PLR0912 - the hot path, in one place
    chunk: Chunk, vocabulary: Vocabulary, known: Container[str], home: Callable[[str], bool]
) -> Generator[None, None, Grouped | None]:
    """The events of all messages; gives way every few milliseconds. None when one of them belongs elsewhere.

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
            events, _, letters = decode_together(chunk.part(start, end), vocabulary)
        else:
            here = places[start:end]
            events, found, letters = decode_together(chunk.pick(here), vocabulary)
            if len(found) < len(here):
                here = [here[index] for index in found]
        dead += letters
        for index, event in enumerate(events):
            account_id = event.account_id
            if places is not None:
                place = here[index]
            if account_id == of:
                if place < before:
                    return (yield from _as_sent(chunk, vocabulary, known, home))
            else:
                of, batch = account_id, batches.get(account_id, [])
                if batch and places is not None:
                    return (yield from _as_sent(chunk, vocabulary, known, home))
                if not batch:
                    if account_id not in known and not home(account_id):
                        return None
                    if not is_cohort(account_id):  # an answer to a cohort's trigger concerns no account
                        batches[account_id] = batch
            batch.append(event)
            before = place
        yield
    return Grouped(batches, dead)


def _as_sent(
    chunk: Chunk, vocabulary: Vocabulary, known: Container[str], home: Callable[[str], bool]
) -> Generator[None, None, Grouped | None]:
    """The same in the order of the messages, where keys and accounts are not the same: it is found out early."""
    return (yield from grouped(chunk._replace(keys=()), vocabulary, known, home))


def newest(events: list[Event]) -> float:
    """When the last of the events arrived, unix seconds."""
    newest = 0.0
    for event in events:
        arrived = event.arrived
        if arrived > newest:  # noqa: PLR1730 - max() costs a call on the hot path
            newest = arrived
    return newest
