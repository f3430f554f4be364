"""What every cell of an account record can do.

A *cell* is one bounded summary inside an account record (distinct users by day, newest answers, ...). The cell object
holds the definition and is shared by all accounts; what one account knows is the cell's *state*, None until the first
event arrives. Folding is commutative and idempotent but for float addition: the order of arrival does not matter.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from xxhash import xxh3_64_intdigest

from scoring.event import Event

State = Any  # each cell knows the shape of its own state; the record only carries it

HORIZON_DAYS = 400
"""Days of history a record keeps: 13 months, so that the same month a year ago is still there."""


class Cell(Protocol):
    """One summary."""

    tells: bool
    """Whether `observe` gives back the very same object if and only if the events changed nothing."""

    @property
    def bytes_max(self) -> int:
        """Upper bound of the packed state, in bytes."""

    def observe(self, state: State, events: list[Event], days: list[int], bits: list[int]) -> State:
        """The state after some events, at least one, which may be the same object changed in place.

        days: the UTC day of each event; bits: the same as a set bit, counted from the record's base day; 0 for a day
        before it, which no window sees: then the cell only learns that there was such an event.
        """

    def shift(self, state: State, days: int, floor: int) -> State:
        """The state after the base day moved up by `days`; what lies before the day `floor` is forgotten."""

    def pack(self, state: State) -> Any:
        """The state in msgpack's own types."""

    def unpack(self, packed: Any) -> State:
        """The state that `pack` was given."""


def order(event: Event) -> tuple[float, int]:
    """What makes one event newer than another: its time, then a hash of its id, so ties go the same way everywhere."""
    return event.at, xxh3_64_intdigest(event.message_id.encode())


def pack_bits(bits: int) -> tuple[int, bytes]:
    """A day bitmap without the zeros at either end: (lowest set bit, bytes from there on)."""
    low = (bits & -bits).bit_length() - 1 if bits else 0
    bits >>= low
    return low, bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def unpack_bits(packed: Sequence[Any]) -> int:
    """The bitmap that `pack_bits` was given; msgpack makes a list of what it gave back."""
    low: int = packed[0]
    raw: bytes = packed[1]
    return int.from_bytes(raw, "little") << low


def shift_bits(bits: int, days: int) -> int:
    """A day bitmap whose base day moved up (days > 0) or down (days < 0)."""
    return bits >> days if days >= 0 else bits << -days
