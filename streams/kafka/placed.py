"""The events of a chunk, each with the offset that it stands at."""

from collections.abc import Iterator

from scoring.event import Event
from streams.kafka.chunk import Chunk, decode_each, decode_together
from streams.vocabulary import Vocabulary


def placed(chunk: Chunk, vocabulary: Vocabulary) -> Iterator[tuple[int, Event]]:
    """(offset, event), in order; what can't be read, and what is no event, is left out."""
    decoded = decode_together(chunk, vocabulary)
    if len(decoded.events) == len(chunk.offsets):  # of a message comes one event at most: then one of each
        yield from zip(chunk.offsets, decoded.events, strict=True)
        return
    for index, event, _ in decode_each(chunk, vocabulary):
        if event is not None:
            yield chunk.offsets[index], event
