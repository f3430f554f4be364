"""Distinct things (users, features, roles, any property) and the days on which each was seen.

Up to ENTITIES_MAX things are kept exactly. Beyond, the cell keeps those whose hash falls in a share 2^-level of the
hash space, halving the share whenever it is full, and estimates counts as n * 2^level: Wegman's adaptive sampling
(P. Flajolet, "On adaptive sampling", Computing 43, 1990), relative standard error about 1.2 / sqrt(ENTITIES_MAX) or
7.5 % for all things kept; the few of a short window are estimated less well. The sample depends on the set of things
alone, never on the order in which they arrived.
"""

from typing import Any

from xxhash import xxh3_64_intdigest

from scoring.cells.cell import pack_bits, shift_bits, unpack_bits
from scoring.cells.days import BITMAP_BYTES_MAX
from scoring.cells.key import Key
from scoring.event import Event

ENTITIES_MAX = 256
"""Things kept exactly: more than most accounts have users; bounds the cell near 20 KB and the error at 7.5 %."""

HASH_BITS = 64

Sample = tuple[int, dict[int, int]]


class Entities:
    """State: (level, {hash: day bitmap})."""

    bytes_max = ENTITIES_MAX * (9 + BITMAP_BYTES_MAX) + 16
    tells = True

    def __init__(self, key: Key) -> None:
        self._key = key

    def observe(self, state: Sample | None, events: list[Event], days: list[int], bits: list[int]) -> Sample | None:
        key, digest_of, changed = self._key, xxh3_64_intdigest, False
        level, seen = (0, None) if state is None else state
        for index, event in enumerate(events):
            entity = key.of(event)
            if entity is None:
                continue
            if seen is None:
                seen, changed = {}, True
            bit, digest = bits[index], digest_of(entity.encode())
            known = seen.get(digest)
            if known is not None:
                if known & bit != bit:
                    seen[digest] = known | bit
                    changed = True
            elif bit and (not level or digest >> (HASH_BITS - level) == 0):
                seen[digest] = bit
                changed = True
                if len(seen) > ENTITIES_MAX:
                    level, seen = self._thin(level, seen)
        return (level, seen) if changed and seen is not None else state

    @staticmethod
    def _thin(level: int, seen: dict[int, int]) -> Sample:
        while len(seen) > ENTITIES_MAX:
            level += 1
            seen = {digest: bits for digest, bits in seen.items() if digest >> (HASH_BITS - level) == 0}
        return level, seen

    def shift(self, state: Sample, days: int, floor: int) -> Sample | None:
        level, seen = state
        moved = {digest: bits for digest, old in seen.items() if (bits := shift_bits(old, days))}
        return (level if moved else 0), moved

    def pack(self, state: Sample) -> object:
        level, seen = state
        return level, {digest: pack_bits(bits) for digest, bits in sorted(seen.items())}

    def unpack(self, packed: Any) -> Sample:
        level, seen = packed
        return level, {digest: unpack_bits(bits) for digest, bits in seen.items()}


def count(state: Sample, mask: int) -> int:
    """Distinct things seen on the days of `mask`; an estimate when the cell is sampled."""
    level, seen = state
    n = 0
    for bits in seen.values():
        if bits & mask:
            n += 1
    return n << level


def share(state: Sample, mask: int, days_min: int) -> float | None:
    """Of the things seen on the days of `mask`, the share seen on at least `days_min` of them; None when none was."""
    seen = regular = 0
    for bits in state[1].values():
        days = (bits & mask).bit_count()
        if days:
            seen += 1
            if days >= days_min:
                regular += 1
    return regular / seen if seen else None
