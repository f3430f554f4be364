"""The events of a chunk, each with the offset that it stands at."""

from collections.abc import Iterator

from scoring.event import Event
from streams.kafka.chunk import Chunk, decode_together
from streams.vocabulary import Vocabulary


def placed(chunk: Chunk, vocabulary: Vocabulary) -> Iterator[tuple[int, Event]]:
    """(offset, event), in order; what can't be read, and what is no event, is left out."""
    decoded = decode_together(chunk, vocabulary)
    for place, event in zip(decoded.places, decoded.events, strict=True):
        yield chunk.offsets[place], event
