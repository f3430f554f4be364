"""Counts and sums by UTC day, and one sum that decays with time."""

from math import inf

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
        self, state: dict[int, Amount] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> dict[int, Amount] | None:
        of, day = self._property, -1
        total: Amount = 0
        for index, event in enumerate(events):
            amount: Amount | None = 1 if of is None else number(event.properties.get(of))
            if amount is None:
                continue
            if state is None:
                state = {}
            if bits[index]:
                if days[index] != day:
                    if day >= 0:
                        state[day] = total
                    day = days[index]
                    total = state.get(day, 0)
                total += amount
        if state is not None and day >= 0:
            state[day] = total
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
        self, state: tuple[float, float] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> tuple[float, float] | None:
        of, half_life_s = self._property, self.half_life_s
        total, newest = (0.0, -inf) if state is None else state
        for event in events:
            at = event.at
            amount = 1.0 if of is None else number(event.properties.get(of))
            if amount is None:
                continue
            if at >= newest:
                total, newest = total * 0.5 ** ((at - newest) / half_life_s) + amount, at
            else:
                total += amount * 0.5 ** ((newest - at) / half_life_s)
        return state if newest == -inf else (total, newest)

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
