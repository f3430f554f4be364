"""What the read model is told of an event that it can't take."""

from scorecard.issue import Issue
from scorecard.model.database import NotStorable
from scorecard.model.passed import Passed
from scoring.event import Event
from scoring.storable import ALLOWED, made_storable, unstorable
from streams.dead_letter import shown

MESSAGE_CHARS_MAX = 200
"""Of what a driver or the core said."""


def passed_over(event: Event, error: Exception) -> Passed:
    """The issue of an event, with field and value where they can be told."""
    field = value = ""
    message = str(error)
    if not isinstance(error, NotStorable):
        reason, message = "core_error", f"{type(error).__name__}: {message}"
    else:
        reason = "not_storable"
        found = unstorable(event.properties, "properties")
        if found is not None:
            field, value, message = found.field, shown(found.field, found.text), ALLOWED
    texts = event.account_id, event.message_id, reason, field, value, message[:MESSAGE_CHARS_MAX]
    return Passed(Issue(*map(made_storable, texts)), event.arrived)
