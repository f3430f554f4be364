"""One dated fact about an account, as the core sees it: whatever it came as, wherever it came from."""

from collections.abc import Mapping
from typing import Any, final

FIELDS = ("account_id", "stream", "name", "at", "arrived", "message_id", "user_id", "properties")


@final
class Event:  # noqa: PLW1641 - properties have no hash
    """Validated, and already translated into our own words. Nobody changes one.

    The words are those of the Segment spec (https://segment.com/docs/connections/spec/).
    `streams/wire.py` makes an Event from a message; tests make them by hand:

    >>> event = Event("acme", "cs", "qbr_completed", 1_700_000_000.0, 1_700_000_060.0, "m-1", None, {"qbr_id": "q3"})
    >>> event.arrived - event.at
    60.0
    """

    __slots__ = FIELDS

    account_id: str
    """The paying customer: `context.groupId`, else `groupId`. Never empty."""

    stream: str
    """One of "usage", "cs", "advocacy", "revenue", "accounts"."""

    name: str
    """The vocabulary's id ("qbr_completed") where the vocabulary knows the name that was sent, else the name as sent;
    "group" and "identify" for those calls."""

    at: float
    """When it happened, unix seconds; it decides the day that the event counts for. Never after `arrived`."""

    arrived: float
    """When it reached us (`receivedAt`), unix seconds; it alone moves time on."""

    message_id: str
    """Idempotency key: two events with the same one are one event."""

    user_id: str | None
    """The person of the account who did it, if anyone is named."""

    properties: Mapping[str, Any]
    """`properties` of a track, page or screen call; the traits of a group or identify call. Plain JSON data:
    numbers are finite, whole numbers fit 64 bits."""

    def __init__(  # noqa: PLR0913, PLR0917 - its fields
        self, account_id: str, stream: str, name: str, at: float, arrived: float, message_id: str,
        user_id: str | None, properties: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.account_id = account_id
        self.stream = stream
        self.name = name
        self.at = at
        self.arrived = arrived
        self.message_id = message_id
        self.user_id = user_id
        self.properties = properties

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in FIELDS}

    def replace(self, **changes: Any) -> "Event":
        """The same but for these fields.

        >>> Event("acme", "usage", "login", 1.0, 1.0, "m-1", None, {}).replace(arrived=2.0).arrived
        2.0
        """
        return Event(**{**self.to_dict(), **changes})

    def __reduce__(self) -> tuple[type["Event"], tuple[Any, ...]]:
        """How it is copied and pickled, compiled as well."""
        return Event, tuple(getattr(self, name) for name in FIELDS)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.to_dict() == other.to_dict()

    def __repr__(self) -> str:
        return f"Event({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"
