"""Which days had such an event: one bitmap."""

from typing import Any

from scoring.cells.cell import HORIZON_DAYS, pack_bits, shift_bits, unpack_bits
from scoring.event import Event

BITMAP_BYTES_MAX = (HORIZON_DAYS + 64) // 8 + 12
"""A packed bitmap over the horizon, the slack until the base day moves, and its framing."""


class Days:
    """State: int, bit i set when day base+i had an event."""

    bytes_max = BITMAP_BYTES_MAX
    tells = True

    def observe(self, state: int | None, events: list[Event], days: list[int], bits: list[int]) -> int:
        together = 0
        for bit in bits:
            together |= bit
        if state is None:
            return together
        return state if state & together == together else state | together

    def shift(self, state: int, days: int, floor: int) -> int:
        return shift_bits(state, days)

    def pack(self, state: int) -> tuple[int, bytes]:
        return pack_bits(state)

    def unpack(self, packed: Any) -> int:
        return unpack_bits(packed)
