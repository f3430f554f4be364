"""A packed record taken apart as far as that hangs on no layout, and what one record takes over from another."""

from typing import Any

import msgspec

from scoring.account import SEEN_MAX, TRAITS_MAX

Answer = tuple[float, int, Any]
"""Event time, tie, value: of two, the larger is the newer."""


class Parts(msgspec.Struct, array_like=True, gc=False):
    """What `Account.pack` writes, in its order. What is Raw is handed through as it is."""

    id: str
    base: int
    first_arrival: float
    last_arrival: float
    last_sign: float
    arrivals: msgspec.Raw
    seen: msgspec.Raw
    counters: msgspec.Raw
    traits: dict[str, Answer]
    override: tuple[float, int, dict[str, Any]] | None
    scores: msgspec.Raw
    band: msgspec.Raw
    published: msgspec.Raw
    episodes: msgspec.Raw
    cells: msgspec.Raw
    """They alone hang on the layout."""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Parts)


def parts(packed: bytes) -> Parts:
    """The parts of a packed record."""
    return _DECODER.decode(packed)


def bare(packed: bytes, cells: int) -> bytes:
    """The record with nothing in its cells, of which there are so many in another layout: it can be unpacked there."""
    found = parts(packed)
    found.cells = msgspec.Raw(_ENCODER.encode([None] * cells))
    return _ENCODER.encode(found)


def succeeded(before: bytes, rebuilt: bytes) -> bytes:
    """The record that was rebuilt of events, after one that it takes the place of.

    What was published is history, and stays: scores, band, episodes with their numbers. What the events say is as it
    was rebuilt. The events may reach less far back than the record before: so the first arrival is the earlier one, of
    each trait and of the override there is the newest of both, and what was rebuilt of nothing keeps the account's
    clocks. The message ids are those of the record before, which are in the order in which it was told of them.
    """
    old, new = parts(before), parts(rebuilt)
    new.base = new.base or old.base
    new.seen = _seen(old.seen, new.seen)
    arrivals = [at for at in (old.first_arrival, new.first_arrival) if at]
    new.first_arrival = min(arrivals, default=0.0)
    new.last_arrival = max(old.last_arrival, new.last_arrival)
    new.last_sign = new.last_sign or old.last_sign
    new.traits = _newest(old.traits, new.traits)
    if old.override is not None and (new.override is None or old.override[:2] > new.override[:2]):
        new.override = old.override
    new.scores, new.band, new.published, new.episodes = old.scores, old.band, old.published, old.episodes
    return _ENCODER.encode(new)


def _seen(old: msgspec.Raw, new: msgspec.Raw) -> msgspec.Raw:
    """The ids that either remembers, those of the old one last; where there is no room for all, the first go."""
    if bytes(old) == bytes(new):
        return old
    kept: list[int] = msgspec.msgpack.decode(old)
    if len(kept) < SEEN_MAX:
        known = set(kept)
        kept = [digest for digest in msgspec.msgpack.decode(new) if digest not in known] + kept
    return msgspec.Raw(_ENCODER.encode(kept[-SEEN_MAX:]))


def _newest(old: dict[str, Answer], new: dict[str, Answer]) -> dict[str, Answer]:
    """Of each trait the newer answer; where there is no room for all, the oldest that were not rebuilt go."""
    both = dict(new)
    for name, answer in old.items():
        if name not in both or answer[:2] > both[name][:2]:
            both[name] = answer
    surplus = len(both) - TRAITS_MAX
    if surplus > 0:
        for name in sorted(both.keys() - new.keys(), key=lambda trait: (both[trait][:2], trait))[:surplus]:
            del both[name]
    return both
