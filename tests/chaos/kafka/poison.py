"""Messages that can't be read, in every place of a chunk: first, last, in the middle, neighbours, all but one, all."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

from streams.kafka.chunk import Chunk
from streams.kafka.topics import DEAD_LETTERS, INPUTS
from streams.kafka.worker import Worker
from streams.message import EVENT_BYTES_MAX
from tests.chaos.kafka.cluster import LAUNCHED
from tests.chaos.kafka.stage import Stage
from tests.chaos.kafka.traffic import POISON
from tests.kafka.talking import read, send
from tests.streams.embedded.sent import Message, group, track

CHUNK = 6
SHAPES = tuple(product((False, True), repeat=CHUNK))
"""Which messages of a chunk are bad: all that there are."""

BAD = (
    *filter(None, POISON), b'{"type":"track","event":"x","properties":{"n":NaN}}', b'"' + b"x" * EVENT_BYTES_MAX + b'"',
)  # fmt: skip
BLANK = (b"", b" \n")
"""Neither good nor bad: they say nothing."""


async def poison(stage: Stage) -> None:
    """Workers find a backlog whose chunks are of every shape; nobody is killed at first, and then somebody always."""
    chunks, bad = stage.directory / "chunks", {topic: list[bool]() for topic in INPUTS.values()}
    stage.cluster.command = [*LAUNCHED, "--chunks", str(chunks)]
    for number in range(stage.length):
        await stage.leave()  # what is sent while nobody reads is cut into chunks as it was meant to be
        await asyncio.to_thread(send, stage.settings, _backlog(stage, bad))
        chunks.write_text("")
        stage.cluster.start()
        if number:
            while not chunks.stat().st_size:  # noqa: ASYNC110 - another process sets no event
                await asyncio.sleep(0.02)
            await stage.pause(0.0, 0.6)
            stage.cluster.kill(stage.cluster.workers[0])
            stage.cluster.start()
        if not await stage.settled():
            return
        stage.problems += _unlike(stage, bad, chunks)
        if not number:
            stage.problems += await asyncio.to_thread(_more_than_once, stage)


def _backlog(stage: Stage, bad: dict[str, list[bool]]) -> list[tuple[str, str, Message | bytes]]:
    """(stream, key, message) of all shapes, in random order in each topic; `bad` notes which are."""
    dice, sent = stage.dice, list[tuple[str, str, Message | bytes]]()
    for stream, topic in INPUTS.items():
        for shape in dice.sample(SHAPES, len(SHAPES)):
            for is_bad in shape:
                place, account = len(bad[topic]), f"a{dice.randrange(40)}"
                bad[topic].append(is_bad)
                if is_bad or dice.random() < 0.05:
                    sent.append((stream, account, dice.choice(BAD if is_bad else BLANK)))
                elif stream == "accounts":
                    sent.append((stream, account, group(place, account, segment="SMB")))
                else:
                    sent.append((stream, account, track(f"{stream}.{place}", account, dice.randrange(6))))
    return sent


def _unlike(stage: Stage, bad: dict[str, list[bool]], chunks: Path) -> list[str]:
    """Say so when not every shape was taken as one chunk: then nothing is shown of it."""
    seen = set()
    for line in chunks.read_text().splitlines():
        topic, first, last = json.loads(line)
        seen.add(tuple(bad[topic.removeprefix(stage.settings["prefix"])][first : last + 1]))
    stage.notes["shapes"] = len(seen & {*SHAPES})
    return [f"no chunk of the shape {shape}" for shape in SHAPES if shape not in seen]


def _more_than_once(stage: Stage) -> list[str]:
    """Dead letters that are there more than once though nobody was killed; that each is there, the verdict tells."""
    places = Counter(letter["position"] for _, letter in read(stage.settings, DEAD_LETTERS))
    return [f"dead letter {place} is there {count} times" for place, count in places.items() if count > 1]


def note_chunks(path: Path) -> None:
    """Make this process's worker note which messages it takes together: topic, first and last offset, a line each."""
    take = Worker.take

    async def noted(self: Worker, chunk: Chunk, done: Callable[[], None]) -> None:
        with path.open("a") as file:
            file.write(json.dumps([chunk.topic, chunk.offsets[0], chunk.offsets[-1]]) + "\n")
        await take(self, chunk, done)

    Worker.take = noted  # type: ignore[method-assign]
