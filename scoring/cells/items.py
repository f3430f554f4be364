"""Things that are opened and closed: tickets, QBRs, plans, sponsors, references.

An item is open while its newest opening is newer than its newest closing, whichever arrived first.
"""

from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest

from scoring.cells.cell import order
from scoring.cells.key import Key
from scoring.days import instant
from scoring.event import Event

ITEMS_MAX = 128
"""Items kept: open ones before closed ones, then the most recently touched. More open tickets than that count 128."""

NEVER = float("-inf")


class Item(NamedTuple):
    """One item; instants in unix seconds, NEVER where it has not happened."""

    opened: float
    closed: float
    due: float | None
    due_stamp: tuple[float, int]  # which event said so: the newest one that names a due date

    @property
    def touched(self) -> float:
        return max(self.opened, self.closed)

    @property
    def is_open(self) -> bool:
        return self.opened > self.closed


class Items:
    """State: {hash of the item's id: Item}."""

    bytes_max = ITEMS_MAX * (9 + 9 + 9 + 9 + 9 + 9 + 4) + 8
    tells = False

    def __init__(self, key: Key, closing: frozenset[str], due: str | None) -> None:
        self._key = key
        self._closing = closing
        self._due = due

    def observe(
        self, state: dict[int, Item] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> dict[int, Item]:
        state = {} if state is None else state
        for event in events:
            self._happened(state, event, self._key.of(event) or "")
        return state

    def _happened(self, state: dict[int, Item], event: Event, name: str) -> None:
        digest = xxh3_64_intdigest(name.encode())
        item = state.get(digest, _UNKNOWN)
        if event.name in self._closing:
            item = item._replace(closed=max(item.closed, event.at))
        else:
            item = item._replace(opened=max(item.opened, event.at))
        if self._due is not None and (due := instant(event.properties.get(self._due))) is not None:
            stamp = order(event)
            if stamp > item.due_stamp:
                item = item._replace(due=due, due_stamp=stamp)
        state[digest] = item
        if len(state) > ITEMS_MAX:
            del state[min(state, key=lambda known: (state[known].is_open, state[known].touched, known))]

    def shift(self, state: dict[int, Item], days: int, floor: int) -> dict[int, Item]:
        return state

    def pack(self, state: dict[int, Item]) -> dict[int, Any]:
        return {digest: (*item[:3], *item[3]) for digest, item in sorted(state.items())}

    def unpack(self, packed: dict[int, Any]) -> dict[int, Item]:
        return {
            digest: Item(opened, closed, due, (at, tie)) for digest, (opened, closed, due, at, tie) in packed.items()
        }


_UNKNOWN = Item(NEVER, NEVER, None, (NEVER, 0))
