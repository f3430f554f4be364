"""Messages as a client sends them, for tests to change in one place."""

import json
from typing import Any

AT = "2026-03-01T09:30:00Z"
AT_S = 1_772_357_400.0
"""AT in unix seconds."""


def line(**fields: Any) -> bytes:
    """A track call; `fields` are set, and those that are `...` left out."""
    message: dict[str, Any] = {
        "type": "track",
        "event": "Report exported",
        "messageId": "m-1",
        "userId": "ann",
        "timestamp": AT,
        "receivedAt": AT,
        "context": {"groupId": "acme"},
        "properties": {"rows": 3},
    }
    message.update(fields)
    return json.dumps({key: value for key, value in message.items() if value is not ...}).encode()
