"""Which account is of which segment and plays which part."""

from random import Random
from typing import NamedTuple

from streams.simulate.account import SEGMENTS
from streams.simulate.stories import STORIES
from streams.simulate.truth import HEALTHY

PARENT_SHARE = 0.2
"""Of the enterprise accounts: parts of the enterprise account before."""


class Part(NamedTuple):
    """What is fixed of an account before it is drawn."""

    segment: str
    story: str
    parent: str | None


def cast(seed: int, accounts: int) -> list[Part]:
    """A part for each account: fixed numbers of each segment and story, one of each at least where accounts suffice."""
    rng = Random(f"{seed}/cast")
    segments = _segments(accounts)
    rng.shuffle(segments)
    stories = _stories(segments, rng)
    parts, enterprise = list[Part](), None
    for number, segment in enumerate(segments):
        parent = None
        if segment == "enterprise":
            parent = enterprise if rng.random() < PARENT_SHARE else None
            enterprise = f"acct-{number + 1:04d}"
        parts.append(Part(segment, stories.get(number, HEALTHY), parent))
    return parts


def _segments(accounts: int) -> list[str]:
    segments: list[str] = []
    for name, segment in SEGMENTS.items():
        segments += [name] * round(segment.share * accounts)
    return (segments + [name] * accounts)[:accounts]


def _stories(segments: list[str], rng: Random) -> dict[int, str]:
    """Story by account, where it has one; those that only some segments can tell choose first."""
    free = rng.sample(range(len(segments)), len(segments))
    cast: dict[int, str] = {}
    for name, story in sorted(STORIES.items(), key=lambda item: len(item[1].segments)):
        wanted = max(1, round(story.share * len(segments))) if story.share else 0
        for number in [number for number in free if segments[number] in story.segments][:wanted]:
            cast[number] = name
            free.remove(number)
    return cast
