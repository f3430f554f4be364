"""Files of messages through a replay: reading, decoding and running, a chunk at a time."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from scoring.event import Event
from streams.dead_letter import DeadLetter
from streams.replay import Replay
from streams.source import Chunk, read
from streams.vocabulary import Vocabulary
from streams.wire import decode


class Progress(NamedTuple):
    """How far a replay has come."""

    events: int
    dead: int
    read_bytes: int
    """Of all files, as stored."""
    at: float
    """The replay's clock, unix seconds."""


def replay_files(
    replay: Replay,
    paths: Sequence[str],
    vocabulary: Vocabulary,
    *,
    wall: float | None = None,
    on_events: Callable[[Sequence[Event]], None] = lambda events: None,
    on_dead: Callable[[DeadLetter], None] = lambda letter: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Run the files, one after the other, to their end. SourceError where one can't be read; what came before it has
    been run.

    wall: the true time, unix seconds; what claims to have arrived after it is dead. on_events: told each chunk's
    events, in order, when they were run.
    """
    return replay_chunks(
        replay,
        (chunk for path in paths for chunk in read(path)),
        vocabulary,
        wall=wall,
        on_events=on_events,
        on_dead=on_dead,
        on_progress=on_progress,
    )


def replay_chunks(
    replay: Replay,
    chunks: Iterable[Chunk],
    vocabulary: Vocabulary,
    *,
    wall: float | None = None,
    on_events: Callable[[Sequence[Event]], None] = lambda events: None,
    on_dead: Callable[[DeadLetter], None] = lambda letter: None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """The same for chunks, wherever they come from."""
    events = dead = done = last = 0
    with uncollected():
        for chunk in chunks:
            decoded = decode(chunk.lines, vocabulary=vocabulary, wall=wall, place=chunk.place)
            for letter in (*decoded.dead, *([chunk.overlong] if chunk.overlong else ())):
                dead += 1
                on_dead(letter)
            replay.feed(decoded.events)
            on_events(decoded.events)
            events += len(decoded.events)
            done, last = done + max(0, chunk.read_bytes - last), chunk.read_bytes
            on_progress(Progress(events, dead, done, replay.clock))
        replay.finish()
    return Progress(events, dead, done, replay.clock)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's cycle collector, which would scan all records again and again: a replay makes no cycles (a test
    holds that), so reference counts free all that it drops.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # else the records would be scanned once more, at the first collection from now on
        gc.enable()
