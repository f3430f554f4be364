"""The first and the last such event."""

from scoring.event import Event


class Span:
    """State: (first at, last at), unix seconds by event time. Never forgotten: it costs the same for any history."""

    bytes_max = 24
    tells = False

    def observe(
        self, state: tuple[float, float] | None, events: list[Event], days: list[int], bits: list[int]
    ) -> tuple[float, float]:
        instants = [event.at for event in events]
        first, last = min(instants), max(instants)
        return (first, last) if state is None else (min(first, state[0]), max(last, state[1]))

    def shift(self, state: tuple[float, float], days: int, floor: int) -> tuple[float, float]:
        return state

    def pack(self, state: tuple[float, float]) -> tuple[float, float]:
        return state

    def unpack(self, packed: list[float]) -> tuple[float, float]:
        return packed[0], packed[1]
