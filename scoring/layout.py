"""The cells of a record: which there are, in which order, and which of them an event goes to."""

from collections.abc import Callable, Hashable
from typing import Any

from xxhash import xxh3_64_hexdigest

from scoring.cells.cell import Cell, State
from scoring.event import Event
from scoring.selector import Selector

ROUTES_MAX = 4_096
"""Event names whose route is remembered. Hostile senders may invent names without end; those are looked up anew."""

COUNTED, DESCRIBED, SIGN = 1, 2, 4
"""Bits of what an event touches beside cells: that it counted at all, traits or override, and the clock of silence."""

CELL_BITS = 3
"""Bits below those of the cells."""

EVERYTHING = -1
"""All bits: any event touches it."""

Observe = Callable[[State, Event, int, int], State]
Route = tuple[int, tuple[tuple[int, Observe], ...]]
"""Bits of what an event touches, and how each cell takes it in."""


class Layout:
    """Cells by position. Metrics that need the same summary of the same events share one cell."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self._selectors: list[Selector] = []
        self._index: dict[Hashable, int] = {}
        self.signs: Callable[[str, str], bool] = lambda stream, name: stream == "usage"
        """Whether an event of this stream and name is a sign of life: something that the customer did."""
        self.signs_key: Hashable = ()
        """Changes whenever `signs` answers otherwise."""
        self.traits = {"segment", "stage", "start_date"}
        """Traits that somebody reads; the others go first when there are too many."""
        self.claimed = 0
        """Bits of the cells asked for since this was last set to 0."""
        self.routes: dict[tuple[str, str], Route] = {}
        """Routes found so far; `route` finds the others."""

    def cell(self, kind: str, selector: Selector, make: Callable[[], Cell], *parameters: Hashable) -> int:
        """The position of the cell of this kind, selector and parameters; made when nobody has asked for it before."""
        key = (kind, selector.key, parameters)
        if key not in self._index:
            self._index[key] = len(self.cells)
            self.cells.append(make())
            self._selectors.append(selector)
            self.routes.clear()
        self.claimed |= self.bit(self._index[key])
        return self._index[key]

    @staticmethod
    def bit(index: int) -> int:
        """The bit that says that the cell at this position was touched."""
        return 1 << index + CELL_BITS

    @property
    def signature(self) -> str:
        """Changes when records of another layout can't be read: hex, 16 digits."""
        return xxh3_64_hexdigest(repr((self.signs_key, list(self._index))).encode())

    @property
    def bytes_max(self) -> int:
        """Upper bound of all cells of one record, packed, in bytes."""
        return sum(cell.bytes_max for cell in self.cells)

    def route(self, stream: str, name: str) -> Route:
        """The cells that an event of this stream and name goes to."""
        ways = tuple(
            (index, _guarded(cell, selector))
            for index, (cell, selector) in enumerate(zip(self.cells, self._selectors, strict=True))
            if selector.by_name(stream, name)
        )
        touched = (
            COUNTED
            | (DESCRIBED if stream == "accounts" else 0)
            | (SIGN if self.signs(stream, name) else 0)
            | sum(self.bit(index) for index, _ in ways)
        )
        route = touched, ways
        if len(self.routes) < ROUTES_MAX:
            self.routes[stream, name] = route
        return route


def _guarded(cell: Cell, selector: Selector) -> Observe:
    matches = selector.by_properties()
    if matches is None:
        return cell.observe

    def observe(state: State, event: Event, day: int, bit: int) -> Any:
        return cell.observe(state, event, day, bit) if matches(event) else state

    return observe
