"""A contact of a person with a programme for customers."""

from typing import NamedTuple


class Touchpoint(NamedTuple):
    """C1: which programme touched which account and which contact, when."""

    account_id: str
    contact: str | None
    """The person, where one is named."""
    programme: str
    """community, academy, event, office_hours, council, user_group, champion_programme, or as sent."""
    at: float
    """Unix seconds."""
    message_id: str
