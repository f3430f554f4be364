"""Messages as a sender writes them to the service."""

from typing import Any

from scoring.days import iso

Message = dict[str, Any]


def track(
    number: object, account: str = "acme", user: object = 1, *, at: float | None = None, event: str = "Report opened"
) -> Message:
    """A usage event with the message id `m<number>`; at: unix seconds, None for now."""
    message: Message = {
        "type": "track",
        "event": event,
        "messageId": f"m{number}",
        "userId": f"u{user}",
        "context": {"groupId": account},
        "properties": {"feature": "reports"},
    }
    if at is not None:
        message["timestamp"] = iso(at)
    return message


def group(number: object, account: str = "acme", **traits: object) -> Message:
    """What is known of an account."""
    return {"type": "group", "messageId": f"g{number}", "groupId": account, "traits": traits}
