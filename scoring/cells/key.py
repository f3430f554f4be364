"""Which thing an event is about: its user, feature, role, ticket or any other property."""

from scoring.event import Event

KEY_CHARS_MAX = 256
"""Characters of a name that was sent as something other than text."""

USER, FEATURE, PROPERTY = range(3)


class Key:
    """How events name a thing of one sort."""

    def __init__(self, name: str) -> None:
        """name: "user", "feature" (an event without one is named as the event), or that of a property."""
        self._name = name
        self._kind = USER if name == "user" else FEATURE if name == "feature" else PROPERTY

    def of(self, event: Event) -> str | None:
        """The thing's name; None where the event has none.

        >>> event = Event("acme", "cs", "ticket_opened", 1.7e9, 1.7e9, "m-1", "ann", {"ticket": 42})
        >>> Key("user").of(event), Key("ticket").of(event), Key("role").of(event), Key("feature").of(event)
        ('ann', '42', None, 'ticket_opened')
        """
        if self._kind == USER:
            return event.user_id
        value = event.properties.get(self._name)
        if isinstance(value, str):
            return value
        if self._kind == FEATURE:
            return event.name
        return None if value is None else str(value)[:KEY_CHARS_MAX]
