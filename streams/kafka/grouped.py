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


def grouped(
    chunk: Chunk, vocabulary: Vocabulary, known: Container[str], home: Callable[[str], bool]
) -> Generator[None, None, Grouped | None]:
    """The events of all messages; gives way every few milliseconds. None when one of them belongs elsewhere.

    known: accounts that belong here for certain; home: whether another one does.
    """
    batches: dict[str, list[Event]] = {}
    dead: list[DeadLetter] = []
    for start in range(0, len(chunk.values), SLICE_MESSAGES):
        decoded = decode_together(chunk.part(start, start + SLICE_MESSAGES), vocabulary)
        dead += decoded.dead
        for event in decoded.events:
            account_id = event.account_id
            batch = batches.get(account_id)
            if batch is None:
                if account_id not in known and not home(account_id):
                    return None
                if not is_cohort(account_id):  # an answer to a cohort's trigger concerns no account
                    batches[account_id] = [event]
            else:
                batch.append(event)
        yield
    return Grouped(batches, dead)


def newest(events: list[Event]) -> float:
    """When the last of the events arrived, unix seconds."""
    newest = 0.0
    for event in events:
        arrived = event.arrived
        if arrived > newest:  # noqa: PLR1730 - max() costs a call on the hot path
            newest = arrived
    return newest
