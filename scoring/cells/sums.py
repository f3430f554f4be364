"""Counts and sums by UTC day, and one sum that decays with time."""

from collections.abc import Sequence
from functools import reduce
from operator import add

from scoring.cells.cell import HORIZON_DAYS
from scoring.event import Event

AMOUNT_MAX = 1e15
"""No amount of business is larger, and sums of such stay finite and exact enough."""

Amount = int | float
"""A count stays whole, so that it takes a byte of the record and not nine: compiled code would make a `float` of it."""


def number(value: object) -> float | None:
    """A property as a number, at most AMOUNT_MAX either way; booleans and everything else are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -AMOUNT_MAX <= value <= AMOUNT_MAX:
        return None
    return float(value)


class DaySums:
    """State: {day: sum}. Without a property each event counts 1."""

    bytes_max = (HORIZON_DAYS + 64) * 14 + 8
    tells = False

    def __init__(self, of: str | None) -> None:
        self._property = of

    def observe(
        self, state: dict[int, Amount] | None, events: Sequence[Event], day: int, bit: int
    ) -> dict[int, Amount] | None:
        of = self._property
        amounts: list[Amount] = (
            [len(events)] if of is None else [n for e in events if (n := number(e.properties.get(of))) is not None]
        )
        if not amounts:
            return state
        if state is None:
            state = {}
        if bit:
            state[day] = reduce(add, amounts, state.get(day, 0))
        return state

    def shift(self, state: dict[int, Amount], days: int, floor: int) -> dict[int, Amount]:
        return {day: amount for day, amount in state.items() if day >= floor}

    def pack(self, state: dict[int, Amount]) -> dict[int, Amount]:
        return dict(sorted(state.items()))

    def unpack(self, packed: dict[int, Amount]) -> dict[int, Amount]:
        return packed


class Decayed:
    """State: (sum, at). Each amount halves every `half_life_s` seconds after its event's time.

    A late event joins with what it is still worth, so the order of arrival does not matter.
    """

    bytes_max = 24
    tells = False

    def __init__(self, of: str | None, half_life_s: float) -> None:
        self._property = of
        self.half_life_s = half_life_s

    def observe(
        self, state: tuple[float, float] | None, events: Sequence[Event], day: int, bit: int
    ) -> tuple[float, float] | None:
        for event in events:
            amount = 1.0 if self._property is None else number(event.properties.get(self._property))
            if amount is None:
                continue
            total, at = state or (0.0, event.at)
            if event.at >= at:
                state = total * 0.5 ** ((event.at - at) / self.half_life_s) + amount, event.at
            else:
                state = total + amount * 0.5 ** ((at - event.at) / self.half_life_s), at
        return state

    def shift(self, state: tuple[float, float], days: int, floor: int) -> tuple[float, float]:
        return state

    def pack(self, state: tuple[float, float]) -> tuple[float, float]:
        return state

    def unpack(self, packed: list[float]) -> tuple[float, float]:
        return packed[0], packed[1]


def window(state: dict[int, Amount], first: int, last: int) -> Amount:
    """The sum over the days first..last, both included."""
    if len(state) <= last - first:
        return sum([amount for day, amount in state.items() if first <= day <= last])
    return sum([state[day] for day in range(first, last + 1) if day in state])
