"""The cells of a record: which there are, in which order, and which of them an event goes to."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from xxhash import xxh3_64_hexdigest

from scoring.cells.cell import Cell, State
from scoring.event import Event
from scoring.selector import Selector

ROUTES_MAX = 4_096
"""Event names of a stream whose route is remembered: hostile senders may invent names without end. The others are
looked up anew."""

COUNTED, DESCRIBED, SIGN, HEEDED, TIME = 1, 2, 4, 8, 16
"""Bits of what an event touches beside cells: that it counted at all, traits or override, the clock of silence, and
those who heed events of its name (see `Layout.heed`). TIME is not an event's: it touches what drifts."""

CELL_BITS = 5
"""Bits below those of the cells."""

EVERYTHING = -1
"""All bits: any event touches it."""

Observe = Callable[[State, list[Event], list[int], list[int]], State]
Ways = tuple[tuple[int, Observe, int], ...]
"""How each cell takes events in: its position, its `observe`, and its bit, if events touch it only by changing it."""
NO_WAYS: Ways = ()
Route = tuple[int, Ways]
"""Bits of what an event touches in any case, and its ways."""


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
        self.routes: dict[str, dict[str, Route]] = defaultdict(dict)
        """Routes found so far, by stream and name; `route` finds the others."""
        self._ways: dict[tuple[int, ...], Ways] = {}
        self._heeded: frozenset[str] = frozenset()

    def cell(self, kind: str, selector: Selector, make: Callable[[], Cell], *parameters: Hashable) -> int:
        """The position of the cell of this kind, selector and parameters; made when nobody has asked for it before."""
        key = (kind, selector.key, parameters)
        if key not in self._index:
            self._index[key] = len(self.cells)
            self.cells.append(make())
            self._selectors.append(selector)
            self.routes.clear()
            self._ways.clear()
        self.claimed |= self.bit(self._index[key])
        return self._index[key]

    @staticmethod
    def bit(index: int) -> int:
        """The bit that says that the cell at this position was touched."""
        return 1 << index + CELL_BITS

    def heed(self, names: Iterable[str]) -> None:
        """Mark events of these names, which somebody wants to be told of one by one when they count."""
        self._heeded = frozenset(names)
        self.routes.clear()

    @property
    def signature(self) -> str:
        """Changes when records of another layout can't be read: hex, 16 digits."""
        return xxh3_64_hexdigest(repr((self.signs_key, list(self._index))).encode())

    @property
    def keys(self) -> frozenset[Hashable]:
        """What the cells are asked for by: two layouts have a cell in common when they have its key."""
        return frozenset(self._index)

    @property
    def bytes_max(self) -> int:
        """Upper bound of all cells of one record, packed, in bytes."""
        return sum(cell.bytes_max for cell in self.cells)

    def route(self, stream: str, name: str) -> Route:
        """The cells that an event of this stream and name goes to; the same object for names that go the same ways."""
        chosen = tuple(index for index, selector in enumerate(self._selectors) if selector.by_name(stream, name))
        ways = self._ways.get(chosen)
        if ways is None:
            ways = tuple(
                (
                    index,
                    _guarded(self.cells[index], self._selectors[index]),
                    self.bit(index) if self.cells[index].tells else 0,
                )
                for index in chosen
            )
            self._ways[chosen] = ways
        touched = (
            COUNTED
            | (DESCRIBED if stream == "accounts" else 0)
            | (SIGN if self.signs(stream, name) else 0)
            | (HEEDED if name in self._heeded else 0)
            | sum(self.bit(index) for index in chosen if not self.cells[index].tells)
        )
        route = touched, ways
        if len(self.routes[stream]) < ROUTES_MAX:
            self.routes[stream][name] = route
        return route


def _guarded(cell: Cell, selector: Selector) -> Observe:
    matches = selector.by_properties()
    if matches is None:
        return cell.observe

    def observe(state: State, events: list[Event], days: list[int], bits: list[int]) -> State:
        those = [index for index, event in enumerate(events) if matches(event)]
        if not those:
            return state
        return cell.observe(state, [events[n] for n in those], [days[n] for n in those], [bits[n] for n in those])

    return observe
