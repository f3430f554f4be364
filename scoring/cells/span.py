"""The first and the last such event."""

from scoring.event import Event


class Span:
    """State: (first at, last at), unix seconds by event time. Never forgotten: it costs the same for any history."""

    bytes_max = 24

    def observe(self, state: tuple[float, float] | None, event: Event, day: int, bit: int) -> tuple[float, float]:
        at = event.at
        if state is None:
            return at, at
        first, last = state
        if at > last:
            return first, at
        return (at, last) if at < first else state

    def shift(self, state: tuple[float, float], days: int, floor: int) -> tuple[float, float]:
        return state

    def pack(self, state: tuple[float, float]) -> tuple[float, float]:
        return state

    def unpack(self, packed: list[float]) -> tuple[float, float]:
        return packed[0], packed[1]
