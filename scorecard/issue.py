"""What was wrong with an event, so that somebody can mend it: itemised, and nothing guessed."""

from typing import NamedTuple


class Issue(NamedTuple):
    """One thing wrong in one event. Whether the event counted all the same, the reason's line in the guide says."""

    account_id: str
    message_id: str
    reason: str
    """An id, for counting: negative_price, unknown_currency, ... (all of them: scorecard/issue.py, REASONS)."""
    field: str
    """Where, such as "properties.arr"."""
    value: str
    """What stands there, as text, cut at 80 characters."""
    message: str
    """What is allowed, and what was done about it."""
