"""All that ever happened to one account, kept whole: the slow, plain counterpart of the account record.

Nothing here is bounded, summarised or shared with `scoring`; every question is answered by reading all events again.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from xxhash import xxh3_64_intdigest

from scoring.event import Event

HORIZON = timedelta(days=400)
YEAR_2200 = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
NUMBER_MAX = 1e15
TEXT_CHARS = 128
TRAIT_NAME_CHARS = 64


@lru_cache(maxsize=100_000)
def day(at: float) -> date:
    """The UTC day of an instant (unix seconds)."""
    return datetime.fromtimestamp(at, UTC).date()


def moment(value: object) -> float | None:
    """Unix seconds of an ISO 8601 date or date-time of 1970 to 2199, UTC where it names no zone; else None."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    at = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    return at if 0.0 <= at <= YEAR_2200 else None


def number(value: object) -> float | None:
    """A property that is a number of at most NUMBER_MAX either way; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > NUMBER_MAX:
        return None
    return float(value)


def plain(value: object) -> float | str | bool | None:
    """A single value (text is cut); None for null, lists, objects, and numbers that are too large."""
    if isinstance(value, str):
        return value[:TEXT_CHARS]
    return value if isinstance(value, bool | int | float) and abs(value) <= NUMBER_MAX else None


def newness(event: Event) -> tuple[float, int]:
    """Sorts events by age: by the time when they happened, those of the same instant by the hash of their ids."""
    return event.at, xxh3_64_intdigest(event.message_id.encode())


class History:
    """The events of one account, in the order in which they were handed over."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.first_delivery: dict[str, Event] = {}
        self.duplicates = 0
        for event in events:
            if event.message_id in self.first_delivery:
                self.duplicates += 1
            else:
                self.first_delivery[event.message_id] = event
        everything = self.first_delivery.values()
        self.arrivals = sorted(event.arrived for event in everything)
        self.facts = sorted((e for e in everything if day(e.arrived) - day(e.at) <= HORIZON), key=newness)
        """What counts, oldest first."""
        self.too_old = len(everything) - len(self.facts)

    def signs(self, streams: Iterable[str], names: Iterable[str]) -> list[float]:
        """When signs of life arrived, however long ago they happened: events of the streams, and those of the names."""
        everything = self.first_delivery.values()
        return sorted(event.arrived for event in everything if event.stream in set(streams) or event.name in set(names))

    def select(
        self, *, stream: str | None = None, events: Iterable[str] = (), where: Callable[[Event], bool] | None = None
    ) -> list[Event]:
        """The facts of a stream, with one of the names, that pass the check; oldest first."""
        names = set(events)
        return [
            e
            for e in self.facts
            if (stream is None or e.stream == stream) and (not names or e.name in names) and (where is None or where(e))
        ]

    def trait(self, name: str) -> tuple[float, float | str | bool] | None:
        """(when it was said, the newest value) of a trait."""
        return newest(self.select(stream="accounts", events=["group"]), name) if len(name) <= TRAIT_NAME_CHARS else None

    def override(self) -> Event | None:
        """The newest word on a score or band set by hand."""
        said = self.select(stream="accounts", events=["health_override"])
        return said[-1] if said else None


def newest(events: list[Event], name: str) -> tuple[float, float | str | bool] | None:
    """(when, value) of the newest of the events that carries the property with a plain value."""
    said = [(event.at, value) for event in events if (value := plain(event.properties.get(name))) is not None]
    return said[-1] if said else None


def between(events: Iterable[Event], first: date, last: date) -> list[Event]:
    """The events that happened on the days first..last, both included."""
    return [event for event in events if first <= day(event.at) <= last]
