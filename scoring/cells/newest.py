"""The newest answer: of the account, or one per person (or per anything an event names).

Newest is by event time; two answers of the same instant are settled by the hash of their message ids, so the same one
wins in whatever order they arrive.
"""

from typing import Any

from xxhash import xxh3_64_intdigest

from scoring.cells.cell import order
from scoring.cells.key import Key
from scoring.cells.sums import AMOUNT_MAX
from scoring.event import Event

PEOPLE_MAX = 128
"""Newest answers kept per cell, by time. A survey of more people than that is told by its newest 128."""

TEXT_MAX = 128
"""Characters kept of a text value: names of stages and bands are short."""

Value = int | float | str | bool  # whole numbers stay whole
Stamp = tuple[float, int]
Answer = tuple[float, int, Value]  # at, tie, value


def scalar(value: object) -> Value | None:
    """A value worth keeping: number, boolean or short text; None for all else."""
    if isinstance(value, str):
        return value[:TEXT_MAX]
    if isinstance(value, bool):
        return value
    return value if isinstance(value, float | int) and -AMOUNT_MAX <= value <= AMOUNT_MAX else None


class Newest:
    """State: (at, tie, value) of the newest event that carries the property."""

    bytes_max = 4 * TEXT_MAX + 32
    tells = False

    def __init__(self, of: str) -> None:
        self._property = of

    def observe(self, state: Answer | None, events: list[Event], days: list[int], bits: list[int]) -> Answer | None:
        for event in events:
            value = scalar(event.properties.get(self._property))
            if value is not None:
                at, tie = order(event)
                if state is None or (at, tie) > state[:2]:
                    state = at, tie, value
        return state

    def shift(self, state: Answer, days: int, floor: int) -> Answer:
        return state

    def pack(self, state: Answer) -> Answer:
        return state

    def unpack(self, packed: Any) -> Answer:
        return packed[0], packed[1], packed[2]


class NewestPer:
    """State: {hash of the person: (at, tie, value)}, the PEOPLE_MAX newest. Answers out of `low..high` do not count."""

    bytes_max = PEOPLE_MAX * (9 + 9 + 9 + 9 + 4) + 8
    tells = False

    def __init__(self, key: Key, of: str, low: float, high: float) -> None:
        self._key = key
        self._property = of
        self._low = low
        self._high = high

    def observe(
        self, state: dict[int, Answer] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> dict[int, Answer] | None:
        for event in events:
            value = event.properties.get(self._property)
            if isinstance(value, bool) or not isinstance(value, int | float) or not self._low <= value <= self._high:
                continue
            state = {} if state is None else state
            self._answer(state, event, self._key.of(event) or "", value)
        return state

    @staticmethod
    def _answer(state: dict[int, Answer], event: Event, person: str, value: Value) -> None:
        digest, (at, tie) = xxh3_64_intdigest(person.encode()), order(event)
        known = state.get(digest)
        if known is None or (at, tie) > known[:2]:
            state[digest] = (at, tie, value)
            if len(state) > PEOPLE_MAX:
                del state[min(state, key=lambda digest: (state[digest][:2], digest))]

    def shift(self, state: dict[int, Answer], days: int, floor: int) -> dict[int, Answer]:
        return state

    def pack(self, state: dict[int, Answer]) -> dict[int, Answer]:
        return dict(sorted(state.items()))

    def unpack(self, packed: dict[int, Any]) -> dict[int, Answer]:
        return {person: (at, tie, value) for person, (at, tie, value) in packed.items()}
